import { useState } from 'react';
import { Button, Modal, Radio, Stack } from '@mantine/core';
import { StartPaymentDocument, type CheckoutProvider, type StartPaymentMutation } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand, type Success } from '../graph/use-command';
import { useSettings } from '../settings-context';
import { showMoney } from '../showing/money';
import type { ActionDialogProps } from './OrderActions';
import { PROVIDERS, providerName } from './providers';

type PaymentSession = Success<StartPaymentMutation>['session'];

/** Where the provider takes the money. */
function addressOf(session: PaymentSession, razorpayUrl: string): string {
  switch (session.__typename) {
    case 'StripeSession':
      return session.url;
    case 'PayPalSession':
      return session.approvalLink;
    case 'RazorpaySession':
      return `${razorpayUrl}${session.orderId}`;
  }
}

/** Chooses a provider, starts the payment there and leaves for its page. */
export function PayDialog({ order, onClose }: ActionDialogProps) {
  const { razorpayUrl } = useSettings();
  const [provider, setProvider] = useState<CheckoutProvider>('STRIPE');
  const command = useCommand(StartPaymentDocument);
  const page = `${location.origin}${import.meta.env.BASE_URL}orders/${order.id}`;

  async function pay() {
    const started = await command.run({
      // Once a payment has ended, the next is another one.
      purpose: `pay ${order.id} ${provider} ${order.payments.filter(({ status }) => status !== 'PENDING').length}`,
      variables: (idempotencyKey) => ({
        input: {
          orderId: order.id,
          provider,
          successUrl: `${page}/paid`,
          cancelUrl: `${page}?payment=left`,
          idempotencyKey,
        },
      }),
    });
    if (started) location.assign(addressOf(started.session, razorpayUrl));
  }

  return (
    <Modal
      opened
      onClose={onClose}
      title={`Pay ${showMoney(order.total)}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Radio.Group label="Pay with" value={provider} onChange={(value) => setProvider(value as CheckoutProvider)}>
          <Stack gap="xs" mt="xs">
            {PROVIDERS.map((name) => (
              <Radio key={name} value={name} label={providerName(name)} />
            ))}
          </Stack>
        </Radio.Group>
        <ProblemNotice problem={command.problem} onRetry={() => void pay()} />
        <Button onClick={() => void pay()} loading={command.isRunning}>
          Continue to {providerName(provider)}
        </Button>
      </Stack>
    </Modal>
  );
}
