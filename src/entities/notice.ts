import { OrderEventType } from './order-event.js';
import type { OrderRefund } from './order-refund.js';
import type { Order } from './order.js';
import type { SessionBooking } from './session-booking.js';

/** What a buyer is told of an order, by e-mail and in the app. */
export type OrderNoticeKind = 'RECEIPT' | 'PAYMENT_FAILED' | 'EXPIRED' | 'REFUND';

/** What an attendee is told of a booking. OFFERED: a seat for who is first in line, to be paid; GIVEN: a free one. */
export type BookingNoticeKind = 'SEAT_OFFERED' | 'SEAT_GIVEN' | 'BOOKING_CANCELLED';

export type NoticeKind = OrderNoticeKind | BookingNoticeKind;

interface Recipient {
  /** The version of the order, or of the booking, that it is about. */
  readonly version: number;
  /** Null: no e-mail can be sent. */
  readonly email: string | null;
}

/** A notice about an order, with everything its words need. */
export interface OrderNotice extends Recipient {
  readonly kind: OrderNoticeKind;
  /** With its items. */
  readonly order: Order;
  readonly refund: OrderRefund | null;
}

/** A notice about a booking, with everything its words need. */
export interface BookingNotice extends Recipient {
  readonly kind: BookingNoticeKind;
  readonly booking: SessionBooking;
  /** Until when an offered seat is held; null for the others. */
  readonly payUntil: Date | null;
}

export type FullNotice = OrderNotice | BookingNotice;

const KINDS: Partial<Record<OrderEventType, OrderNoticeKind>> = {
  [OrderEventType.SUCCEEDED]: 'RECEIPT',
  [OrderEventType.FAILED]: 'PAYMENT_FAILED',
  [OrderEventType.EXPIRED]: 'EXPIRED',
  [OrderEventType.REFUND_SUCCEEDED]: 'REFUND',
};

/** Which notice an event of an order makes; null for most. Pure. */
export function noticeKindOf(type: OrderEventType): OrderNoticeKind | null {
  return KINDS[type] ?? null;
}
