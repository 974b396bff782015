import { confirmBooking, bookSeat, type BookingActor } from '../entities/booking-life.js';
import { ProductKind } from '../entities/enums.js';
import type { BookingNoticeKind } from '../entities/notice.js';
import { orderNumber } from '../entities/order-number.js';
import { placeOrder, type PricedItem } from '../entities/order-placing.js';
import { holdSeat } from '../entities/order-seat.js';
import type { SessionBooking } from '../entities/session-booking.js';
import type { KnownSession } from '../entities/session.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** The title of a session whose service tells none. */
const UNTITLED = 'Live session';

/** What booking a seat needs of the environment. */
export type SeatTerms = Pick<Environment, 'policies' | 'clock' | 'newId'>;

/** For whom a seat was taken, and what they are told of it beside the answer of their call. */
export interface SeatTaken {
  /** Made before the unit of work, and the same in every retry. */
  readonly bookingId: string;
  readonly attendeeId: string;
  readonly session: KnownSession;
  readonly by: BookingActor;
  readonly notices?: { readonly free: BookingNoticeKind; readonly priced: BookingNoticeKind };
}

/** A seat as the only item of an order. */
export function seatItem({ id, title, instructorId, price }: KnownSession): PricedItem {
  return { kind: ProductKind.SESSION, productId: id, title: title ?? UNTITLED, instructorId, listPrice: price, price };
}

/** Books a seat that was taken in this transaction: confirmed at once where it is free, else held by an order. */
export function book(terms: SeatTerms, em: EntityManager, seat: SeatTaken): SessionBooking {
  const now = terms.clock.now();
  const booking = seat.session.price.minor === 0n ? bookFree(seat, now) : bookPriced(terms, em, seat, now);
  em.persist(booking);
  return booking;
}

function bookFree({ bookingId: id, attendeeId, session, by, notices }: SeatTaken, now: Date): SessionBooking {
  const { id: sessionId, title, price } = session;
  const booking = bookSeat({ id, sessionId, attendeeId, orderId: null, title, price, now }, by);
  confirmBooking(booking, now, notices?.free);
  return booking;
}

function bookPriced(terms: SeatTerms, em: EntityManager, seat: SeatTaken, now: Date): SessionBooking {
  const { bookingId, attendeeId, session, by, notices } = seat;
  const orderId = terms.newId();
  const order = placeOrder({
    id: orderId,
    number: orderNumber(orderId),
    itemIds: [terms.newId()],
    buyerId: attendeeId,
    items: [seatItem(session)],
    couponCode: null,
    by,
    now,
    payableUntil: new Date(now.getTime() + terms.policies.seatHoldMs),
  });
  em.persist(order);
  return holdSeat(order, bookingId, by, now, notices?.priced);
}
