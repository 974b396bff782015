import { EventActor, PaymentStatus, type CheckoutProvider } from './enums.js';
import { newAttempt } from './new-attempt.js';
import { OrderEventType } from './order-event.js';
import { decideMerged, findAttempt, recordPayment, type PaymentTimes } from './order-payments.js';
import { deadlineOf } from './payment/payment-effects.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';
import type { PaymentAttempt, ReturnUrls } from './payment-attempt.js';
import { providerOrderIdOf, type ProviderSession } from './provider-session.js';
import { PaymentStep } from './saga-steps.js';
import { SagaKind } from './saga.js';

/** How long the process that asked has to attach the answer before the saga repeats the call, ms. */
const REPEAT_AFTER_MS = 15_000;
/** How long the result of a finished payment is awaited before it is asked for, ms. */
const ASK_AFTER_MS = 60_000;

/** Adds the intent to pay, which is committed before the payment service is called. */
export function requestPayment(
  order: Order,
  intent: { readonly id: string; readonly provider: CheckoutProvider; readonly returnUrls: ReturnUrls },
  now: Date,
  times: PaymentTimes,
): PaymentAttempt {
  const attempt = newAttempt(order, intent.id, intent.provider, now, times);
  attempt.returnUrls = intent.returnUrls;
  order.attempts.add(attempt);
  order.record(OrderEventType.PAYMENT_REQUESTED, { actor: EventActor.BUYER, byId: order.buyerId }, now);
  order.expiresAt = deadlineOf(order, now);
  const dueAt = new Date(now.getTime() + REPEAT_AFTER_MS);
  order.startSaga({ kind: SagaKind.PAYMENT, step: PaymentStep.START, subjectId: attempt.id, dueAt });
  return attempt;
}

/**
 * Attaches the payment service's answer to an intent; it counts as the payment's `initiated`. An attempt that an event
 * made meanwhile takes the intent's place.
 */
export function attachPayment(
  order: Order,
  intent: PaymentAttempt,
  started: { readonly paymentId: string; readonly session: ProviderSession },
  now: Date,
  times: PaymentTimes,
): PaymentAttempt {
  const attempt = findAttempt(order, started.paymentId) ?? intent;
  const merged = attempt !== intent;
  if (merged) {
    order.attempts.remove(intent);
    Object.assign(attempt, { provider: intent.provider, revision: intent.revision });
    // What was captured stays: it is what can be given back.
    if (attempt.capture === null) attempt.amountMinor = intent.amountMinor;
    Object.assign(attempt, { returnUrls: intent.returnUrls, firstSeenRestored: false });
  }
  attempt.paymentId = started.paymentId;
  attempt.session = started.session;
  attempt.providerOrderId = providerOrderIdOf(started.session);
  if (merged) {
    decideMerged(order, attempt, now);
    return attempt;
  }
  const fact = { kind: 'initiated' as const, paymentId: started.paymentId, provider: intent.provider };
  recordPayment(order, { ...fact, providerOrderId: attempt.providerOrderId, occurredAt: now }, now, times);
  return attempt;
}

/** The payment service would not start the payment: the intent is over, the order stays payable. */
export function refuseIntent(order: Order, intent: PaymentAttempt, now: Date): void {
  intent.state = PaymentStatus.FAILED;
  intent.updatedAt = now;
  // Other attempts may have ended while this one seemed to live: nothing is under way any more.
  const idle = order.status === OrderStatus.PROCESSING && !order.attempts.getItems().some((one) => one.isLive(now));
  const to = idle ? OrderStatus.PENDING_PAYMENT : order.status;
  order.record(OrderEventType.PAYMENT_FAILED, { actor: EventActor.PAYMENT_SERVICE, to }, now);
  order.expiresAt = deadlineOf(order, now);
}

/** The buyer says that a payment is finished: until its result or its deadline nothing else may end the order. */
export function confirmAttempt(order: Order, attempt: PaymentAttempt, now: Date): void {
  attempt.confirmedAt = now;
  attempt.updatedAt = now;
  const detail = { actor: EventActor.BUYER, byId: order.buyerId, paymentId: attempt.paymentId };
  order.record(OrderEventType.PAYMENT_CONFIRMED, detail, now);
  const dueAt = new Date(now.getTime() + ASK_AFTER_MS);
  order.startSaga({ kind: SagaKind.PAYMENT, step: PaymentStep.ASK_RESULT, subjectId: attempt.id, dueAt });
}

/** The payment service did not accept the confirmation: the payment may still be tried or abandoned. */
export function unconfirmAttempt(attempt: PaymentAttempt, now: Date): void {
  attempt.confirmedAt = null;
  attempt.updatedAt = now;
}
