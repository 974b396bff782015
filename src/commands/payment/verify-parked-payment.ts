import { EventActor } from '../../entities/enums.js';
import { findSuspicions } from '../../entities/payment/find-suspicions.js';
import { Order } from '../../entities/order.js';
import type { PaymentFact } from '../../entities/order-payments.js';
import { SuspiciousPayment, SuspiciousPaymentStatus } from '../../entities/payment/suspicious-payment.js';
import type { KnownPayment } from '../../platform/neighbours.js';
import type { Environment } from '../environment.js';
import { reviewPayment } from './review-payment.js';
import { compareWithService, withAnswer } from './verify-payments.js';
import { isVerifiedLater } from './verification-saga.js';

/** What a later answer of the payment service means for a suspicious payment. */
export type LaterVerification = 'decided' | 'askAgain' | 'forOperator';

/**
 * Asks the payment service again about a suspicious payment. One that it confirms, and that agrees with its order, is
 * accepted without an operator; where its answer proves the disagreement, an operator decides and sees the answer.
 * @throws NeighbourDown when the payment service does not answer
 */
export async function verifyParkedPayment(env: Environment, id: string): Promise<LaterVerification> {
  const parked = await env.fork().findOne(SuspiciousPayment, id);
  if (parked?.status !== SuspiciousPaymentStatus.OPEN) return 'decided';
  const order = await env.fork().findOneOrFail(Order, parked.orderId, { populate: ['attempts', 'itemRows'] });
  const known = await env.neighbours.payments.find(parked.paymentId);
  if (!known) return 'forOperator';
  await keepAnswer(env, id, known);
  const fact = withAnswer(factOf(parked), known);
  const suspicions = [...findSuspicions(order, fact), ...compareWithService({ orderId: order.id, fact }, known)];
  if (suspicions.length > 0) return suspicions.every(isVerifiedLater) ? 'askAgain' : 'forOperator';
  const outcome = await reviewPayment(env, parked, true, { actor: EventActor.SYSTEM, byId: null, note: null });
  return outcome && 'suspiciousPayment' in outcome ? 'decided' : 'forOperator';
}

/** What an operator decides by, and what is applied. */
async function keepAnswer({ fork }: Environment, id: string, { amountMinor, currency }: KnownPayment): Promise<void> {
  if (amountMinor === undefined && currency === undefined) return;
  await fork().nativeUpdate(
    SuspiciousPayment,
    { id, status: SuspiciousPaymentStatus.OPEN },
    { verifiedAmountMinor: amountMinor ?? null, verifiedCurrency: currency ?? null },
  );
}

/** The message as it came. */
function factOf(parked: SuspiciousPayment): PaymentFact {
  const { kind, paymentId, provider, providerOrderId, occurredAt } = parked;
  const { claimedUserId: buyerId, claimedAmountMinor: amountMinor, claimedCurrency: currency } = parked;
  const claims = {
    ...(buyerId === null ? {} : { buyerId }),
    ...(amountMinor === null ? {} : { amountMinor }),
    ...(currency === null ? {} : { currency }),
  };
  return { kind, paymentId, provider, providerOrderId, occurredAt, claims };
}
