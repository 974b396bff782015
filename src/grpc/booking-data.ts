import type { SessionBooking } from '../entities/session-booking.js';
import type { BookSessionSuccess } from '../generated/order_service.js';
import { legacyTime, nearestAmount } from './order-data.js';

/** The platform's form of a booking: upper-case status, minor units in a float. */
export function bookingData(booking: SessionBooking): BookSessionSuccess {
  const { id, attendeeId: userId, sessionId, priceMinor, currency, status, bookedAt, updatedAt } = booking;
  const times = { createdAt: legacyTime(bookedAt), updatedAt: legacyTime(updatedAt) };
  return { id, userId, sessionId, amount: nearestAmount(priceMinor), currency, status, ...times };
}
