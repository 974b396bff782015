import { useEffect, useRef } from 'react';
import { Button, Loader, Stack, Text } from '@mantine/core';
import { Link, Navigate, useParams, useSearchParams } from 'react-router';
import { ConfirmPaymentDocument, type OrderDetailsFragment } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import { Loaded } from '../layout/Loaded';
import { PageTitle } from '../layout/PageTitle';
import { useLiveOrder } from './use-live-order';

/** Where a provider sends the buyer back to: has the payment confirmed where the provider needs it, and shows the order. */
export function PaidPage() {
  const { orderId = '' } = useParams();
  const query = useLiveOrder(orderId);
  return (
    <Loaded query={query} value={query.data?.order}>
      {(order) => <Confirmation order={order} />}
    </Loaded>
  );
}

/** Razorpay's checkout sends its proof along; the names are its own. */
function useRazorpayProof() {
  const [parameters] = useSearchParams();
  const paymentId = parameters.get('razorpay_payment_id');
  const signature = parameters.get('razorpay_signature');
  return paymentId && signature ? { paymentId, signature } : undefined;
}

function Confirmation({ order }: { readonly order: OrderDetailsFragment }) {
  const command = useCommand(ConfirmPaymentDocument);
  const razorpay = useRazorpayProof();
  const pending = order.payments.findLast(({ status }) => status === 'PENDING');
  const isAsked = useRef(false);
  // Stripe captures by itself; the others when the shop says that the buyer is back.
  const paymentId = pending && pending.provider !== 'STRIPE' ? pending.id : undefined;

  const confirm = (id: string) =>
    command.run({
      purpose: `confirm ${id}`,
      variables: (idempotencyKey) => ({ input: { orderId: order.id, paymentId: id, razorpay, idempotencyKey } }),
    });

  useEffect(() => {
    if (!paymentId || isAsked.current) return;
    isAsked.current = true;
    void confirm(paymentId);
  });

  const address = `/orders/${order.id}`;
  if (!paymentId) return <Navigate to={address} replace />;
  return (
    <Stack align="flex-start">
      <PageTitle>Confirming your payment</PageTitle>
      {command.problem ? (
        <ProblemNotice problem={command.problem} onRetry={() => void confirm(paymentId)} />
      ) : (
        <Text role="status">
          <Loader size="xs" /> This takes a moment …
        </Text>
      )}
      <Button component={Link} to={address} variant="default">
        Show the order
      </Button>
    </Stack>
  );
}
