import {
  bookSeat,
  cancelBooking,
  confirmBooking,
  expireBooking,
  type BookingActor,
  type BookingEnd,
} from './booking-life.js';
import { isLiveBooking, SessionBookingStatus } from './booking-status.js';
import { FulfilmentStatus, ProductKind } from './enums.js';
import { Money } from './money.js';
import type { BookingNoticeKind } from './notice.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';
import type { SessionBooking } from './session-booking.js';

/** All bookings an order has had, oldest first; none for an order of courses. */
function bookingsOf(order: Order): SessionBooking[] {
  if (!order.sessionId) return [];
  if (!order.bookings) throw new Error(`order ${order.id}: its bookings were not loaded`);
  return order.bookings;
}

/** The booking of an order that has a seat now. */
export function liveBooking(order: Order): SessionBooking | undefined {
  return bookingsOf(order).find(isLiveBooking);
}

/** False where a seat is to be paid that the order does not hold: then money cannot be accepted for it. */
export function holdsItsSeat(order: Order): boolean {
  return !order.sessionId || liveBooking(order)?.status === SessionBookingStatus.PENDING;
}

/** The newest booking of an order: the one that counts. */
export function newestBooking(order: Order): SessionBooking | undefined {
  return bookingsOf(order).at(-1);
}

/** Books the seat that was taken for an order, held until the order is paid. Needs the order's items. */
export function holdSeat(
  order: Order,
  id: string,
  by: BookingActor,
  now: Date,
  notice?: BookingNoticeKind,
): SessionBooking {
  const item = order.currentItems.find(({ kind }) => kind === ProductKind.SESSION);
  if (!item) throw new RangeError(`order ${order.id} has no seat to hold`);
  const { productId: sessionId, title } = item;
  const price = new Money(item.priceMinor, item.currency);
  const seat = { id, sessionId, attendeeId: order.buyerId, orderId: order.id, title, price, now };
  const booking = bookSeat(seat, by, notice);
  order.bookings = [...(order.bookings ?? []), booking];
  return booking;
}

/** The order is paid: its seat is the attendee's, at the price that was paid. Delivers the order's item with it. */
export function confirmSeat(order: Order, now: Date): void {
  const booking = liveBooking(order);
  if (!booking) throw new Error(`order ${order.id} is paid but holds no seat`);
  booking.priceMinor = order.totalMinor;
  confirmBooking(booking, now);
  for (const item of order.currentItems) {
    if (item.kind === ProductKind.SESSION) item.fulfilment = FulfilmentStatus.FULFILLED;
  }
}

/** The order has ended unpaid: the seat it held is free again, for the order's reason. */
export function releaseSeat(order: Order, by: BookingActor, now: Date): void {
  const booking = liveBooking(order);
  if (!booking) return;
  const { status, statusReason: reason, statusNote: note } = order;
  if (status === OrderStatus.EXPIRED) expireBooking(booking, reason, now);
  else cancelBooking(booking, { ...by, reason, note }, now);
}

/** A paid seat is given up: the booking ends, the money is the refund's. Nothing happens to one that has ended before. */
export function giveUpSeat(order: Order, end: BookingEnd, now: Date): void {
  const booking = liveBooking(order);
  if (booking) cancelBooking(booking, end, now);
}
