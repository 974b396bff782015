import { v5 as uuidv5 } from 'uuid';
import type { BookingActor } from './booking-life.js';
import { EventActor, OrderStatusReason, PaymentStatus, RefundReason, type CheckoutProvider } from './enums.js';
import { newAttempt } from './new-attempt.js';
import { OrderEventType } from './order-event.js';
import { recordWholeDelivery } from './order-fulfilment.js';
import { startFulfilment } from './order-placing.js';
import { refundDifference, refundSurplus } from './order-refunding.js';
import { recordRevenue } from './order-revenue.js';
import { holdsItsSeat, releaseSeat } from './order-seat.js';
import { returnToRevision } from './order-restoring.js';
import { isPayable, OrderStatus } from './order-status.js';
import type { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';
import { decidePayment, type PaymentDecision, type PaymentFactKind } from './payment-decision.js';
import { expectedTotal } from './payment/expected-total.js';
import type { PaymentClaims } from './payment/payment-claims.js';
import { PaymentStep } from './saga-steps.js';
import { SagaKind } from './saga.js';

const MINUTE = 60_000;
/** Clients read amounts as numbers. */
const MOST_MINOR_UNITS = BigInt(Number.MAX_SAFE_INTEGER);

/** News of one payment. */
export interface PaymentFact {
  readonly kind: PaymentFactKind;
  readonly paymentId: string;
  readonly provider: CheckoutProvider | null;
  readonly providerOrderId: string | null;
  readonly occurredAt: Date;
  /** What the message says beyond that; absent where it says nothing. */
  readonly claims?: PaymentClaims | undefined;
}

/** How long payments live and are waited for, in ms. */
export interface PaymentTimes {
  readonly lifeMs: number;
  readonly graceMs: number;
}

/** What of a fact an order is told. */
type News = Pick<PaymentFact, 'kind' | 'occurredAt'> & {
  /** As what it stands in the timeline, where the fact itself stands there already. */
  readonly recordedAs?: OrderEventType;
};

/** What became of a fact: it changed the order, was known already, or contradicts what is known. */
export type FactOutcome = 'applied' | 'known' | 'anomaly';

const STATE: Readonly<Record<PaymentFactKind, PaymentStatus>> = {
  initiated: PaymentStatus.PENDING,
  succeeded: PaymentStatus.SUCCEEDED,
  failed: PaymentStatus.FAILED,
  cancelled: PaymentStatus.CANCELLED,
  expired: PaymentStatus.EXPIRED,
};

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

/**
 * Applies news of a payment by the decision table. Every order of arrival is normal: an attempt only rises, and what it
 * raised decides about the order. Needs the order's attempts; its items and claims too unless the fact is `initiated`.
 */
export function recordPayment(order: Order, fact: PaymentFact, now: Date, times: PaymentTimes): FactOutcome {
  const attempt = findAttempt(order, fact.paymentId) ?? addSeenAttempt(order, fact, now, times);
  attempt.provider ??= fact.provider;
  attempt.providerOrderId ??= fact.providerOrderId;
  const to = STATE[fact.kind];
  if (!attempt.rises(to)) {
    return attempt.state === PaymentStatus.SUCCEEDED && to !== PaymentStatus.PENDING && attempt.state !== to
      ? 'anomaly'
      : 'known';
  }
  const isCapture = fact.kind === 'succeeded';
  const captured = isCapture ? fact.claims?.amountMinor : undefined;
  // From now on the attempt is about what was captured: that is what can be given back.
  if (captured !== undefined) attempt.amountMinor = captured;
  const underpaid = isCapture && attempt.amountMinor < expectedTotal(order, attempt);
  if (isCapture && order.capturedMinor + attempt.amountMinor > MOST_MINOR_UNITS)
    throw new RangeError(`order ${order.id}: what is captured would be no exact number any more`);
  applyRise(order, attempt, fact, underpaid, now);
  return 'applied';
}

/** Raises an attempt that is known to be lower and lets the order follow. */
function applyRise(order: Order, attempt: PaymentAttempt, fact: News, underpaid: boolean, now: Date): void {
  const decision = decideFor(order, attempt, fact.kind, now, underpaid);
  attempt.state = STATE[fact.kind];
  attempt.updatedAt = now;
  if (fact.kind === 'succeeded') order.capturedMinor += attempt.amountMinor;
  carryOut(order, attempt, fact, decision, now);
  order.expiresAt = deadlineOf(order, now);
}

/**
 * Decides again about an attempt that an intent turned out to be: while the intent seemed to be another live attempt,
 * the end of this one did not count.
 */
export function decideMerged(order: Order, attempt: PaymentAttempt, now: Date): void {
  const { state } = attempt;
  const ended = (['failed', 'cancelled', 'expired'] as const).find((kind) => STATE[kind] === state);
  const fact: News = { kind: ended ?? 'initiated', occurredAt: now, recordedAs: OrderEventType.PAYMENT_ATTACHED };
  const settled = state === PaymentStatus.SUCCEEDED;
  carryOut(order, attempt, fact, settled ? { do: 'keep' } : decideFor(order, attempt, fact.kind, now), now);
  order.expiresAt = deadlineOf(order, now);
}

function decideFor(
  order: Order,
  attempt: PaymentAttempt,
  kind: PaymentFactKind,
  now: Date,
  underpaid = false,
): PaymentDecision {
  const others = order.attempts.getItems().filter((other) => other !== attempt);
  return decidePayment(order.status, kind, {
    // An intent is not another payment yet, it may become this very one: its answer decides.
    onlyAttempt: !others.some((other) => other.paymentId && other.isLive(now)),
    firstCapture:
      !others.some((other) => other.capture === 'ACCEPTED' || other.capture === 'UNDECIDED') && !isFreeAndPaid(order),
    liveLeft: others.some((other) => other.isLive(now)),
    oldAttempt: attempt.isOld(order.revision),
    timeLeft: order.payableUntil.getTime() - now.getTime() >= MINUTE,
    seatHeld: holdsItsSeat(order),
    underpaid,
  });
}

const SYSTEM: BookingActor = { actor: EventActor.SYSTEM, byId: null };

const isFreeAndPaid = (order: Order): boolean => order.status === OrderStatus.SUCCEEDED && order.totalMinor === 0n;

function carryOut(order: Order, attempt: PaymentAttempt, fact: News, decision: PaymentDecision, now: Date): void {
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
function timeOf(fact: News, order: Order, now: Date): Date {
  const latest = now.getTime() + 5 * MINUTE;
  return fact.occurredAt >= order.placedAt && fact.occurredAt.getTime() <= latest ? fact.occurredAt : now;
}

/** When an unpaid order ends: its own deadline or that of a live attempt; null once it is not payable. */
export function deadlineOf(order: Order, now: Date): Date | null {
  if (!isPayable(order.status)) return null;
  const live = order.attempts.getItems().filter((attempt) => attempt.isLive(now));
  return new Date(Math.max(order.payableUntil.getTime(), ...live.map((attempt) => attempt.deadline.getTime())));
}

/** Finds an attempt by the payment service's id. */
export function findAttempt(order: Order, paymentId: string): PaymentAttempt | undefined {
  return order.attempts.getItems().find((attempt) => attempt.paymentId === paymentId);
}

/** A payment that was started without us, or whose event came before the answer of our call. */
function addSeenAttempt(order: Order, fact: PaymentFact, now: Date, times: PaymentTimes): PaymentAttempt {
  const startedAt = timeOf(fact, order, now);
  const attempt = newAttempt(order, uuidv5(`attempt:${fact.paymentId}`, order.id), fact.provider, startedAt, times);
  attempt.paymentId = fact.paymentId;
  attempt.firstSeenRestored = order.revision > 1;
  order.attempts.add(attempt);
  return attempt;
}
