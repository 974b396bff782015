import { Alert, Grid, Group, Stack, Text } from '@mantine/core';
import { useParams, useSearchParams } from 'react-router';
import type { OrderDetailsFragment } from '../generated/graphql';
import { Loaded } from '../layout/Loaded';
import { MissingPage } from '../layout/MissingPage';
import { PageTitle } from '../layout/PageTitle';
import { Countdown } from '../showing/Countdown';
import { OrderStatusBadge } from '../showing/StatusBadge';
import { showMoment } from '../showing/times';
import { FULFILMENT, STATUS_REASON } from '../showing/words';
import { AmountsCard } from './AmountsCard';
import { OrderActions } from './OrderActions';
import { PaymentsCard } from './PaymentsCard';
import { RefundsCard } from './RefundsCard';
import { TimelineCard } from './TimelineCard';
import { useLiveOrder } from './use-live-order';

/** One order: where it stands, live, and what can be done about it. */
export function OrderPage() {
  const { orderId = '' } = useParams();
  // Nothing of one order is kept for another.
  return <LiveOrder key={orderId} orderId={orderId} />;
}

function LiveOrder({ orderId }: { readonly orderId: string }) {
  const query = useLiveOrder(orderId);
  if (query.data?.order === null && !query.loading && !query.error) return <MissingPage />;
  return (
    <Loaded query={query} value={query.data?.order}>
      {(order) => <OrderView order={order} />}
    </Loaded>
  );
}

function OrderView({ order }: { readonly order: OrderDetailsFragment }) {
  return (
    <Stack>
      <Group justify="space-between">
        <PageTitle>{`Order ${order.number}`}</PageTitle>
        <div role="status" aria-label="Status">
          <OrderStatusBadge status={order.status} />
        </div>
      </Group>
      <Standing order={order} />
      <OrderActions order={order} />
      <Grid>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack>
            <AmountsCard order={order} />
            <PaymentsCard payments={order.payments} />
            <RefundsCard refunds={order.refunds} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <TimelineCard timeline={order.timeline} />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}

function Standing({ order }: { readonly order: OrderDetailsFragment }) {
  const [parameters] = useSearchParams();
  const { status, statusReason, placedAt, expiresAt, fulfilment } = order;
  const isToBePaid = status === 'PENDING_PAYMENT';
  return (
    <Stack gap="xs">
      <Group gap="lg">
        <Text size="sm">Placed {showMoment(placedAt)}</Text>
        {status === 'SUCCEEDED' && <Text size="sm">{FULFILMENT[fulfilment]}</Text>}
        {statusReason && <Text size="sm">Why: {STATUS_REASON[statusReason]}</Text>}
        {isToBePaid && expiresAt && <Countdown until={expiresAt} label="Time to pay:" />}
      </Group>
      {isToBePaid && parameters.get('payment') === 'left' && (
        <Alert variant="outline" title="Nothing was paid. You can try again, or another way." />
      )}
    </Stack>
  );
}
