import { Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import { CancelBookingDocument, type BookingPartsFragment } from '../generated/graphql';
import { ProblemNotice } from '../graph/ProblemNotice';
import { useCommand } from '../graph/use-command';
import { Countdown } from '../showing/Countdown';
import { BookingStatusBadge } from '../showing/StatusBadge';
import { BLOCKED } from '../showing/words';

interface BookingViewProps {
  readonly booking: BookingPartsFragment;
  readonly onChanged: () => void;
}

/** The viewer's seat: how long it is held, and what can be done about it. */
export function BookingView({ booking, onChanged }: BookingViewProps) {
  const { status, holdExpiresAt, order, availableActions } = booking;
  const command = useCommand(CancelBookingDocument);
  const actionOf = (name: 'PAY' | 'CANCEL') => availableActions.find((action) => action.name === name);
  const cancellation = actionOf('CANCEL');

  async function cancel() {
    const input = { bookingId: booking.id, expectedVersion: booking.version };
    await command.run({ variables: () => ({ input }) });
    onChanged();
  }

  return (
    <Stack gap="xs">
      <Group gap="xs">
        <BookingStatusBadge status={status} />
        {status === 'PENDING' && holdExpiresAt && <Countdown until={holdExpiresAt} label="held for" />}
      </Group>
      <ProblemNotice problem={command.problem} onRetry={() => void cancel()} />
      <Group gap="xs">
        {order && actionOf('PAY')?.allowed && (
          <Button component={Link} to={`/orders/${order.id}?pay`} size="xs">
            Pay
          </Button>
        )}
        {cancellation?.allowed && (
          <Button variant="default" size="xs" onClick={() => void cancel()} loading={command.isRunning}>
            Give the seat back
          </Button>
        )}
        {cancellation?.blockedReason && (
          <Text size="xs" c="dimmed">
            {BLOCKED[cancellation.blockedReason]}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
