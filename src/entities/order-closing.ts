import { EventActor, OrderStatusReason, PaymentStatus } from './enums.js';
import { OrderEventType } from './order-event.js';
import { cancelAtService, close } from './payment/payment-effects.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';

/** Who cancels an order, and why. */
export interface Cancellation {
  readonly actor: EventActor;
  readonly byId: string | null;
  readonly reason: OrderStatusReason;
  readonly note: string | null;
}

/** How long the result of a finished payment is awaited before its order may expire, ms. */
const RESULT_MS = 60 * 60_000;

/** Cancels an unpaid order: its products are free again, its live payments are cancelled by sagas. Needs all its parts. */
export function cancelOrder(order: Order, { actor, byId, reason, note }: Cancellation, now: Date): void {
  order.record(OrderEventType.CANCELLED, { actor, byId, to: OrderStatus.CANCELLED, reason, note }, now);
  for (const attempt of order.attempts) if (attempt.isLive(now)) cancelAtService(order, attempt, now);
  order.expiresAt = null;
  close(order, { actor, byId }, now);
}

/** What became of an order whose time has come: it ended, a result is awaited, or news of payments are late. */
export type ExpiryOutcome = 'expired' | 'resultAwaited' | 'newsLate';

/**
 * Ends an unpaid order whose deadline has passed: attempts without news are presumed dead. While the result of a finished
 * payment is awaited, or news of payments are late, nothing changes: it is to be looked at again later. Needs all its parts.
 * @throws IllegalTransition for an order that is not to be paid
 */
export function expireOrder(order: Order, newsAreCurrent: boolean, now: Date): ExpiryOutcome {
  const open = order.attempts.getItems().filter(({ state }) => state === 'INTENT' || state === PaymentStatus.PENDING);
  const awaited = open.some(
    ({ confirmedAt }) => confirmedAt !== null && now.getTime() - confirmedAt.getTime() < RESULT_MS,
  );
  const late =
    !newsAreCurrent && order.status === OrderStatus.PROCESSING && now.getTime() - deadlineTime(order) < RESULT_MS;
  if (awaited) return 'resultAwaited';
  if (late) return 'newsLate';
  for (const attempt of open) presumeDead(order, attempt, now);
  const reason = OrderStatusReason.DEADLINE_PASSED;
  order.record(OrderEventType.EXPIRED, { actor: EventActor.SYSTEM, to: OrderStatus.EXPIRED, reason }, now);
  order.expiresAt = null;
  close(order, { actor: EventActor.SYSTEM, byId: null }, now);
  return 'expired';
}

/** When the order would have ended by itself. */
function deadlineTime(order: Order): number {
  return Math.max(order.payableUntil.getTime(), ...order.attempts.getItems().map(({ deadline }) => deadline.getTime()));
}

function presumeDead(order: Order, attempt: PaymentAttempt, now: Date): void {
  attempt.state = PaymentStatus.EXPIRED;
  attempt.updatedAt = now;
  order.record(OrderEventType.PAYMENT_EXPIRED, { actor: EventActor.SYSTEM, paymentId: attempt.paymentId }, now);
  cancelAtService(order, attempt, now);
}
