import { v5 as uuidv5 } from 'uuid';
import { BookingEventType } from '../entities/booking-event.js';
import type { RecordedBookingEvent, SessionBooking } from '../entities/session-booking.js';
import type { OutgoingMessage } from '../persistence/outbox-message.js';
import { envelope } from './envelope.js';
import { Topic } from './topics.js';

const TOPICS: Readonly<Record<BookingEventType, readonly [topic: string, eventType: string]>> = {
  [BookingEventType.CREATED]: [Topic.BOOKING_CREATED, 'SessionBookingCreated'],
  [BookingEventType.CONFIRMED]: [Topic.BOOKING_CONFIRMED, 'SessionBookingConfirmed'],
  [BookingEventType.CANCELLED]: [Topic.BOOKING_CANCELLED, 'SessionBookingCancelled'],
  [BookingEventType.EXPIRED]: [Topic.BOOKING_EXPIRED, 'SessionBookingExpired'],
  [BookingEventType.COMPLETED]: [Topic.BOOKING_COMPLETED, 'SessionBookingCompleted'],
};

/** The message that says an event of a booking to the platform. Pure. */
export function bookingMessageOf(
  booking: SessionBooking,
  { type, version, to, reason, occurredAt }: RecordedBookingEvent,
  correlationId: string | null,
): OutgoingMessage {
  const { id: bookingId, sessionId, attendeeId, orderId, priceMinor, currency } = booking;
  const [topic, eventType] = TOPICS[type];
  const id = uuidv5(`${version}:${topic}`, bookingId);
  const payload = {
    bookingId,
    sessionId,
    userId: attendeeId,
    ...(orderId ? { orderId } : {}),
    amount: Number(priceMinor),
    currency,
    status: to.toLowerCase(),
    ...(reason ? { reason } : {}),
    bookingVersion: version,
  };
  return {
    id,
    topic,
    key: bookingId,
    payload: envelope(id, eventType, occurredAt, correlationId, payload),
    headers: correlationId ? { 'x-correlation-id': correlationId } : {},
  };
}
