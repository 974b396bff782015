import { SessionBookingStatus } from '../entities/booking-status.js';
import type { BookingNoticeKind, FullNotice, NoticeKind, OrderNoticeKind } from '../entities/notice.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { SessionBooking } from '../entities/session-booking.js';
import type { EntityManager } from '../persistence/orm.js';
import { aboutBooking, aboutOrder, type MessageSubject } from '../persistence/outbox-message.js';

/** A notice that is to be sent, as it is stored. */
export interface NoticeTask {
  readonly id: string;
  readonly order_id: string | null;
  readonly booking_id: string | null;
  readonly kind: NoticeKind;
  readonly refund_id: string | null;
  readonly version: number;
  readonly created_at: string;
}

/** A notice with what its messages are about. */
export interface ReadyNotice {
  /** Null: there is nothing to tell any more. */
  readonly notice: FullNotice | null;
  readonly about: MessageSubject;
}

/** What notices are about, loaded for all of them at once. */
export interface NoticeSubjects {
  /** The user to be told; undefined where the subject is gone. */
  recipientOf(task: NoticeTask): string | undefined;
  /** @param payUntil until when a seat is held that is offered now */
  noticeOf(task: NoticeTask, email: string | null, payUntil: Date): ReadyNotice | undefined;
}

/** Loads the orders, bookings and refunds of notices: one statement each. */
export async function loadSubjects(em: EntityManager, tasks: readonly NoticeTask[]): Promise<NoticeSubjects> {
  const orderIds = tasks.flatMap(({ booking_id, order_id }) => (booking_id === null && order_id ? order_id : []));
  const bookingIds = tasks.flatMap(({ booking_id }) => booking_id ?? []);
  const refundIds = tasks.flatMap(({ refund_id }) => refund_id ?? []);
  const orders = byId(
    orderIds.length ? await em.find(Order, { id: { $in: orderIds } }, { populate: ['itemRows'] }) : [],
  );
  const bookings = byId(bookingIds.length ? await em.find(SessionBooking, { id: { $in: bookingIds } }) : []);
  const refunds = byId(refundIds.length ? await em.find(OrderRefund, { id: { $in: refundIds } }) : []);
  return {
    recipientOf: ({ booking_id, order_id }) =>
      booking_id === null ? orders.get(order_id ?? '')?.buyerId : bookings.get(booking_id)?.attendeeId,
    noticeOf({ booking_id, order_id, refund_id, kind, version }, email, payUntil) {
      const booking = bookings.get(booking_id ?? '');
      if (booking) return bookingNotice(booking, kind as BookingNoticeKind, version, email, payUntil);
      const order = orders.get(order_id ?? '');
      if (!order) return undefined;
      const refund = refunds.get(refund_id ?? '') ?? null;
      const notice = { kind: kind as OrderNoticeKind, version, email, order, refund };
      return { notice, about: aboutOrder(order, version) };
    },
  };
}

function bookingNotice(
  booking: SessionBooking,
  kind: BookingNoticeKind,
  version: number,
  email: string | null,
  payUntil: Date,
): ReadyNotice {
  const about = aboutBooking(booking, version);
  if (kind !== 'SEAT_OFFERED') return { notice: { kind, version, email, booking, payUntil: null }, about };
  // Who has given the offered seat up meanwhile is not told of it.
  const stands = booking.status === SessionBookingStatus.PENDING;
  return { notice: stands ? { kind, version, email, booking, payUntil } : null, about };
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((row) => [row.id, row]));
