import type { BookingActor } from '../booking-life.js';
import { EventActor, OrderStatusReason, RefundReason } from '../enums.js';
import { OrderEventType } from '../order-event.js';
import { recordWholeDelivery } from '../order-fulfilment.js';
import type { RecordedFact } from '../order-payments.js';
import { startFulfilment } from '../order-placing.js';
import { refundDifference, refundSurplus } from '../order-refunding.js';
import { recordRevenue } from '../order-revenue.js';
import { releaseSeat } from '../order-seat.js';
import { returnToRevision } from '../order-restoring.js';
import { isPayable, OrderStatus } from '../order-status.js';
import type { Order } from '../order.js';
import type { PaymentAttempt } from '../payment-attempt.js';
import type { PaymentDecision, PaymentFactKind } from '../payment-decision.js';
import { PaymentStep } from '../saga-steps.js';
import { SagaKind } from '../saga.js';
import { isBelievable } from '../shared/believable-time.js';

const EVENT: Readonly<Record<PaymentFactKind, OrderEventType>> = {
  initiated: OrderEventType.PAYMENT_INITIATED,
  succeeded: OrderEventType.PAYMENT_SUCCEEDED,
  failed: OrderEventType.PAYMENT_FAILED,
  cancelled: OrderEventType.PAYMENT_CANCELLED,
  expired: OrderEventType.PAYMENT_EXPIRED,
};

const FAILURE_REASON: Partial<Record<PaymentFactKind, OrderStatusReason>> = {
  failed: OrderStatusReason.PAYMENT_DECLINED,
  cancelled: OrderStatusReason.PAYMENT_CANCELLED,
  expired: OrderStatusReason.PAYMENT_TIMED_OUT,
};

const SYSTEM: BookingActor = { actor: EventActor.SYSTEM, byId: null };

/** Carries a decision out: the event of the fact, and what follows from it for the order and its other attempts. */
export function carryOut(
  order: Order,
  attempt: PaymentAttempt,
  fact: RecordedFact,
  decision: PaymentDecision,
  now: Date,
): void {
  const say = (to?: OrderStatus, reason?: OrderStatusReason) =>
    order.record(
      fact.recordedAs ?? EVENT[fact.kind],
      { actor: EventActor.PAYMENT_SERVICE, to, reason, paymentId: attempt.paymentId, at: timeOf(fact, order, now) },
      now,
    );
  const end = (type: OrderEventType, to: OrderStatus, reason?: OrderStatusReason) =>
    order.record(type, { actor: EventActor.SYSTEM, to, reason, paymentId: attempt.paymentId }, now);

  switch (decision.do) {
    case 'keep':
      return void say();
    case 'process':
      say(OrderStatus.PROCESSING);
      if (decision.cancelOlder) cancelAllButNewest(order, now);
      return;
    case 'cancelAttempt':
      say();
      return cancelAtService(order, attempt, now);
    case 'complete':
      say();
      return complete(order, attempt, timeOf(fact, order, now), now);
    case 'seatGone':
      say();
      end(OrderEventType.CANCELLED, OrderStatus.CANCELLED, OrderStatusReason.SEAT_GONE);
      return refundSurplus(order, attempt, now, RefundReason.SEAT_GONE);
    case 'decideLater':
      attempt.capture = 'UNDECIDED';
      say();
      return order.startSaga({
        kind: SagaKind.PAYMENT,
        step: PaymentStep.DECIDE_LATE_MONEY,
        subjectId: attempt.id,
        dueAt: now,
      });
    case 'giveBack':
      say();
      return refundSurplus(order, attempt, now, decision.because);
    case 'fail':
      say();
      end(OrderEventType.FAILED, OrderStatus.FAILED, FAILURE_REASON[fact.kind]);
      return close(order, SYSTEM, now);
    case 'backToPayable':
      return void say(OrderStatus.PENDING_PAYMENT, OrderStatusReason.PAYMENT_TIMED_OUT);
    case 'expire':
      say();
      end(OrderEventType.EXPIRED, OrderStatus.EXPIRED, OrderStatusReason.PAYMENT_TIMED_OUT);
      return close(order, SYSTEM, now);
    default:
      return decision satisfies never;
  }
}

/** The order is paid by this attempt: everything else that could take money is ended, delivery begins. */
export function complete(order: Order, attempt: PaymentAttempt, paidAt: Date, now: Date): void {
  attempt.capture = 'ACCEPTED';
  returnToRevision(order, attempt.revision);
  order.paidAt = paidAt;
  order.expiresAt = null;
  startFulfilment(order, now);
  recordRevenue(order, { orders: 1, gross: order.totalMinor, refunded: 0n });
  order.record(
    OrderEventType.SUCCEEDED,
    { actor: EventActor.SYSTEM, to: OrderStatus.SUCCEEDED, paymentId: attempt.paymentId, at: paidAt },
    now,
  );
  refundDifference(order, attempt, now);
  recordWholeDelivery(order, now);
  cancelOthers(order, attempt, now);
}

/** An ended order lets its products go, so that they can be bought again. Needs its claims. */
export function close(order: Order, by: BookingActor, now: Date): void {
  order.claims.removeAll();
  releaseSeat(order, by, now);
}

function cancelOthers(order: Order, attempt: PaymentAttempt, now: Date): void {
  for (const other of order.attempts) if (other !== attempt && other.isLive(now)) cancelAtService(order, other, now);
}

function cancelAllButNewest(order: Order, now: Date): void {
  const live = order.attempts.getItems().filter((one) => one.paymentId && one.isLive(now));
  const newest = live.reduce((a, b) => (b.startedAt > a.startedAt ? b : a));
  for (const one of live) if (one !== newest) cancelAtService(order, one, now);
}

/** Lets a saga cancel an attempt. An intent has no payment to cancel yet: its own second step looks again. */
export function cancelAtService(order: Order, attempt: PaymentAttempt, now: Date): void {
  if (!attempt.paymentId) return;
  order.startSaga({ kind: SagaKind.PAYMENT, step: PaymentStep.CANCEL, subjectId: attempt.id, dueAt: now });
}

/** The payment's own time where it is believable. */
export function timeOf(fact: RecordedFact, order: Order, now: Date): Date {
  return fact.occurredAt >= order.placedAt && isBelievable(fact.occurredAt, now) ? fact.occurredAt : now;
}

/** When an unpaid order ends: its own deadline or that of a live attempt; null once it is not payable. */
export function deadlineOf(order: Order, now: Date): Date | null {
  if (!isPayable(order.status)) return null;
  const live = order.attempts.getItems().filter((attempt) => attempt.isLive(now));
  return new Date(Math.max(order.payableUntil.getTime(), ...live.map((attempt) => attempt.deadline.getTime())));
}
