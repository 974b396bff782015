import type { Fork } from '../persistence/orm.js';
import { BOOKINGS_WITHOUT_ORDER, SEAT_DIFFERENCES } from '../persistence/seat-count.js';

/** A session whose counted seats differ from its bookings or its line. */
export interface SeatDifference {
  readonly sessionId: string;
  /** Seats taken and people waiting: as 3/1; `none` where the session has no seats at all. */
  readonly counted: string;
  readonly actual: string;
}

/** A booking and its order that do not belong together. */
export interface LostBooking {
  /** Null: an order that is paid, for which nobody has a seat and no money goes back. */
  readonly bookingId: string | null;
  /** Null where a booking waits for an order that it never had. */
  readonly orderId: string | null;
  readonly orderStatus: string | null;
}

/** Compares the counted seats with the bookings and the line. @returns every session that differs */
export async function seatDifferences(fork: Fork): Promise<SeatDifference[]> {
  return fork().execute<SeatDifference[]>(
    `select session_id as "sessionId", coalesce(counted_taken || '/' || counted_waiting, 'none') as counted,
       actual_taken || '/' || actual_waiting as actual
     from (${SEAT_DIFFERENCES}) difference order by 1`,
  );
}

/** @returns seats that are held though their order can be paid no more, and money that was kept for no seat */
export async function lostBookings(fork: Fork): Promise<LostBooking[]> {
  return fork().execute<LostBooking[]>(
    `select booking_id as "bookingId", order_id as "orderId", order_status as "orderStatus"
     from (${BOOKINGS_WITHOUT_ORDER}) lost order by 1, 2`,
  );
}
