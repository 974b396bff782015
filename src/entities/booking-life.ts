import { BookingEventType } from './booking-event.js';
import { SessionBookingStatus } from './booking-status.js';
import { EventActor, type OrderStatusReason } from './enums.js';
import type { Money } from './money.js';
import type { BookingNoticeKind } from './notice.js';
import { SessionBooking } from './session-booking.js';

/** Who did something to a booking. */
export interface BookingActor {
  readonly actor: EventActor;
  readonly byId: string | null;
}

/** A seat that has been taken for somebody. */
export interface NewBooking {
  /** Made before the unit of work and the same in every retry. */
  readonly id: string;
  readonly sessionId: string;
  readonly attendeeId: string;
  /** Null for a free session. */
  readonly orderId: string | null;
  readonly title: string | null;
  readonly price: Money;
  readonly now: Date;
}

/** How a booking ends before its session. */
export interface BookingEnd extends BookingActor {
  /** Null where the order ended without one. */
  readonly reason: OrderStatusReason | null;
  readonly note: string | null;
}

/** The attendee is told of what these do to a booking. */
const TELL: ReadonlySet<EventActor> = new Set([EventActor.OPERATOR, EventActor.SESSION_SERVICE]);

/** Books a seat that has been taken: held until its order is paid. */
export function bookSeat(seat: NewBooking, by: BookingActor, notice?: BookingNoticeKind): SessionBooking {
  const { id, sessionId, attendeeId, orderId, title, price, now } = seat;
  const booking = Object.assign(new SessionBooking(), {
    id,
    sessionId,
    attendeeId,
    orderId,
    status: SessionBookingStatus.PENDING,
    statusReason: null,
    statusNote: null,
    title,
    priceMinor: price.minor,
    currency: price.currency,
    bookedAt: now,
    confirmedAt: null,
    cancelledAt: null,
    updatedAt: now,
    version: 0,
  });
  booking.record(BookingEventType.CREATED, { ...by, to: SessionBookingStatus.PENDING, notice }, now);
  return booking;
}

/** The seat is the attendee's: it was paid, or costs nothing. */
export function confirmBooking(booking: SessionBooking, now: Date, notice?: BookingNoticeKind): void {
  const by = { actor: EventActor.SYSTEM, byId: null };
  booking.record(BookingEventType.CONFIRMED, { ...by, to: SessionBookingStatus.CONFIRMED, notice }, now);
  booking.confirmedAt = now;
}

/** Gives a seat up before its session; the seat is free again. */
export function cancelBooking(booking: SessionBooking, end: BookingEnd, now: Date): void {
  const notice = TELL.has(end.actor) ? 'BOOKING_CANCELLED' : undefined;
  booking.record(BookingEventType.CANCELLED, { ...end, to: SessionBookingStatus.CANCELLED, notice }, now);
  booking.cancelledAt = now;
  booking.freesSeat = true;
}

/** The time to pay for a seat has passed; the seat is free again. */
export function expireBooking(booking: SessionBooking, reason: OrderStatusReason | null, now: Date): void {
  const by = { actor: EventActor.SYSTEM, byId: null };
  booking.record(BookingEventType.EXPIRED, { ...by, to: SessionBookingStatus.EXPIRED, reason }, now);
  booking.freesSeat = true;
}

/** The session has taken place. The seat is counted no more. */
export function completeBooking(booking: SessionBooking, now: Date): void {
  const by = { actor: EventActor.SYSTEM, byId: null };
  booking.record(BookingEventType.COMPLETED, { ...by, to: SessionBookingStatus.COMPLETED }, now);
  booking.freesSeat = true;
}
