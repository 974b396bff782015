import { cancelBooking } from '../entities/booking-life.js';
import { SessionBookingStatus } from '../entities/booking-status.js';
import { EventActor, ProductKind, RefundReason } from '../entities/enums.js';
import { refundBlockedReason } from '../entities/order-actions.js';
import { cancelOrder, type Cancellation } from '../entities/order-closing.js';
import { OrderRefund } from '../entities/order-refund.js';
import { completingPayment, requestRefund } from '../entities/order-refunding.js';
import { giveUpSeat } from '../entities/order-seat.js';
import type { Order } from '../entities/order.js';
import { leftToRefund } from '../entities/refundable.js';
import type { SessionBooking } from '../entities/session-booking.js';
import { endBookingSagas } from '../persistence/booking-sagas.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** Why the money of a seat goes back, by who gave the seat up. */
const REFUND_REASON: Partial<Record<EventActor, RefundReason>> = {
  [EventActor.BUYER]: RefundReason.REQUESTED_BY_BUYER,
  [EventActor.SESSION_SERVICE]: RefundReason.SESSION_CANCELLED,
};

/**
 * Ends a live booking: an order that waits to be paid is cancelled with it, what was paid goes back by a refund that is
 * approved at once, because the seat has been given up. Needs the order's parts.
 */
export async function giveSeatBack(
  env: Environment,
  em: EntityManager,
  { booking, order }: { readonly booking: SessionBooking; readonly order: Order | null },
  end: Cancellation,
): Promise<void> {
  const now = env.clock.now();
  await endBookingSagas(em, booking.id);
  if (!order) return cancelBooking(booking, end, now);
  if (booking.status === SessionBookingStatus.PENDING) {
    return cancelOrder(order, end, now);
  }
  giveUpSeat(order, end, now);
  await refund(env, em, order, end, now);
}

/** What is left of the payment; nothing where an operator has given it back before. */
async function refund(env: Environment, em: EntityManager, order: Order, end: Cancellation, now: Date): Promise<void> {
  const refunds = await em.find(OrderRefund, { orderId: order.id });
  const payment = completingPayment(order);
  const items = order.currentItems.filter(
    (item) => item.kind === ProductKind.SESSION && refundBlockedReason(item, refunds) === null,
  );
  if (!payment || items.length === 0 || leftToRefund(payment, refunds) <= 0n) return;
  const { actor, byId, note } = end;
  const reason = REFUND_REASON[actor] ?? RefundReason.OPERATOR;
  // With four eyes, what a person gives up waits for another person.
  const approved = !(env.policies.refundFourEyes && byId !== null);
  requestRefund(order, refunds, { id: env.newId(), items, reason, note, approved, actor, byId }, now);
}
