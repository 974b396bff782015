import { Card, Stack, Text, Title } from '@mantine/core';
import type { SessionBookingStatus, SessionWithMineFragment } from '../generated/graphql';
import { showMoney } from '../showing/money';
import { showMoment, showSpan } from '../showing/times';
import { BookingView } from './BookingView';
import { SeatActions } from './SeatActions';

/** Bookings that have a seat. */
const LIVE: readonly SessionBookingStatus[] = ['PENDING', 'CONFIRMED'];

interface SessionCardProps {
  readonly session: SessionWithMineFragment;
  readonly onChanged: () => void;
}

/** One session: when, for how much, which seats are left, and the viewer's own. */
export function SessionCard({ session, onChanged }: SessionCardProps) {
  const { title, price, viewerBooking } = session;
  return (
    <Card withBorder component="article" aria-label={title ?? 'A session'}>
      <Stack gap="xs" h="100%">
        <Title order={2} size="h4">
          {title ?? 'A session'}
        </Title>
        <Text size="sm">{whenOf(session)}</Text>
        <Text fw={700}>{price && price.amount > 0 ? showMoney(price) : 'Free'}</Text>
        <Text size="sm" role="status">
          {seatsOf(session)}
        </Text>
        {viewerBooking && LIVE.includes(viewerBooking.status) ? (
          <BookingView booking={viewerBooking} onChanged={onChanged} />
        ) : (
          <SeatActions session={session} onChanged={onChanged} />
        )}
      </Stack>
    </Card>
  );
}

function whenOf({ startsAt, endsAt }: SessionWithMineFragment): string {
  if (!startsAt) return 'The time is to be agreed';
  return endsAt ? showSpan(startsAt, endsAt) : showMoment(startsAt);
}

function seatsOf({ remaining, capacity, waitlistLength }: SessionWithMineFragment): string {
  if (remaining === null || remaining === undefined) return 'Seats are not known right now';
  const seats = `${remaining} of ${capacity ?? '?'} seats left`;
  return waitlistLength ? `${seats}, ${waitlistLength} waiting` : seats;
}
