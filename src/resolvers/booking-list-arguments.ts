import type { SessionBookingStatus } from '../entities/booking-status.js';
import type { SessionBooking } from '../entities/session-booking.js';
import { connectionOf } from '../schema/connections.js';
import type { Context } from '../schema/context.js';
import { SessionBookingConnection } from '../schema/session-types.js';
import { orBadInput, pageOf } from './order-list-arguments.js';

/** A page of a person's bookings as a connection; people of one operation share the statement. */
export async function bookingsOfAttendee(
  attendeeId: string,
  first: number | null | undefined,
  after: string | null | undefined,
  status: readonly SessionBookingStatus[] | null | undefined,
  { loaders }: Context,
): Promise<SessionBookingConnection> {
  const [wanted, asked] = [status ?? null, pageOf(first, after)];
  const page = await orBadInput(loaders.bookingsOf(wanted, asked).load(attendeeId));
  const count = () => loaders.bookingCountOf(wanted).load(attendeeId);
  return Object.assign(new SessionBookingConnection(), connectionOf<SessionBooking>(page, asked.after), { count });
}
