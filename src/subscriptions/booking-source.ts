import type { SessionBookingEvent } from '../entities/booking-event.js';
import { isLiveBooking } from '../entities/booking-status.js';
import { OrderStatusReason } from '../entities/enums.js';
import type { SessionBooking } from '../entities/session-booking.js';
import type { StreamReads, StreamSource } from './stream-source.js';

/** What streams read of bookings, for any number of them. */
export interface BookingStreamReads extends StreamReads<SessionBookingEvent> {
  bookings(ids: readonly string[]): Promise<ReadonlyMap<string, SessionBooking>>;
}

/** Bookings as they are followed live: nothing more happens to one that has ended. */
export function bookingSource(reads: BookingStreamReads): StreamSource<SessionBooking, SessionBookingEvent> {
  return {
    kind: 'booking',
    reads,
    load: (ids) => reads.bookings(ids),
    aggregateIdOf: ({ bookingId }) => bookingId,
    ownerOf: ({ attendeeId }) => attendeeId,
    isComplete: (booking) => !isLiveBooking(booking),
    tellsOfBlocking: ({ reason }) => reason === OrderStatusReason.ACCOUNT_BLOCKED,
  };
}
