import { v5 as uuidv5 } from 'uuid';
import { PaymentStatus, type CheckoutProvider } from './enums.js';
import { newAttempt } from './new-attempt.js';
import { OrderEventType } from './order-event.js';
import { holdsItsSeat } from './order-seat.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';
import { decidePayment, type PaymentDecision, type PaymentFactKind } from './payment-decision.js';
import { expectedTotal } from './payment/expected-total.js';
import type { PaymentClaims } from './payment/payment-claims.js';
import { carryOut, deadlineOf, timeOf } from './payment/payment-effects.js';

const MINUTE = 60_000;
/** Clients read amounts as numbers. */
const MOST_MINOR_UNITS = BigInt(Number.MAX_SAFE_INTEGER);

/** What is reported of one payment. */
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

/** What of a fact is recorded in the order's timeline. */
export type RecordedFact = Pick<PaymentFact, 'kind' | 'occurredAt'> & {
  /** The type of its event, where the timeline has an event of the fact itself already. */
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

/**
 * Applies what is reported of a payment by the decision table. Every order of arrival is normal: an attempt only rises, and what it
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
  if (isCapture && order.capturedMinor + attempt.amountMinor > MOST_MINOR_UNITS)
    throw new RangeError(`order ${order.id}: what is captured would be no exact number any more`);
  applyRise(order, attempt, fact, now);
  return 'applied';
}

/** Raises an attempt that is known to be lower and lets the order follow. */
function applyRise(order: Order, attempt: PaymentAttempt, fact: RecordedFact, now: Date): void {
  const decision = decideFor(order, attempt, fact.kind, now);
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
  const fact: RecordedFact = {
    kind: ended ?? 'initiated',
    occurredAt: now,
    recordedAs: OrderEventType.PAYMENT_ATTACHED,
  };
  const settled = state === PaymentStatus.SUCCEEDED;
  carryOut(order, attempt, fact, settled ? { do: 'keep' } : decideFor(order, attempt, fact.kind, now), now);
  order.expiresAt = deadlineOf(order, now);
}

function decideFor(order: Order, attempt: PaymentAttempt, kind: PaymentFactKind, now: Date): PaymentDecision {
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
    underpaid: kind === 'succeeded' && attempt.amountMinor < expectedTotal(order, attempt),
  });
}

const isFreeAndPaid = (order: Order): boolean => order.status === OrderStatus.SUCCEEDED && order.totalMinor === 0n;

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
