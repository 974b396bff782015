import { findAttempt, recordPayment, type FactOutcome, type PaymentFact } from '../../entities/order-payments.js';
import type { Order } from '../../entities/order.js';
import { expectedTotal } from '../../entities/payment/expected-total.js';
import { findSuspicions } from '../../entities/payment/find-suspicions.js';
import { parkPayment } from '../../entities/payment/park-payment.js';
import type { SuspicionReason } from '../../entities/payment/suspicious-payment.js';
import type { EntityManager } from '../../persistence/orm.js';
import type { KnownPayment } from '../../platform/neighbours.js';
import { paymentTimes } from '../../policies/policies.js';
import type { Environment } from '../environment.js';
import { isVerifiedLater, verificationSaga } from './verification-saga.js';

/** What is reported of a payment, and what the payment service answers about it. */
export interface PaymentReport {
  readonly fact: PaymentFact;
  /** Why the payment service's answer speaks against it. */
  readonly suspicions?: readonly SuspicionReason[] | undefined;
  /** The answer itself; absent where it was not asked, or did not answer. */
  readonly answer?: KnownPayment | undefined;
}

/**
 * Applies what is reported of a payment where it agrees with its order; anything else is kept for an operator and changes
 * nothing. In the caller's transaction; the order is locked, with all its parts.
 * @param id of the suspicious payment, the same for every repeat of the report
 */
export function applyOrParkPayment(
  env: Environment,
  em: EntityManager,
  order: Order,
  { fact, suspicions = [], answer }: PaymentReport,
  id: string,
): FactOutcome | 'suspicious' {
  const now = env.clock.now();
  const reasons = [...findSuspicions(order, fact), ...suspicions];
  if (reasons.length === 0) return recordPayment(order, fact, now, paymentTimes(env.policies));
  const expectedMinor = expectedTotal(order, findAttempt(order, fact.paymentId));
  em.persist(parkPayment({ id, order, fact, answer, reasons, expectedMinor }, now));
  const isAskedAgain = env.policies.paymentVerification !== 'off' && reasons.some(isVerifiedLater);
  if (isAskedAgain) em.persist(verificationSaga(env.newId(), order.id, id, now));
  env.log.warn({ orderId: order.id, suspiciousPaymentId: id, kind: fact.kind, reasons }, 'a payment is suspicious');
  return 'suspicious';
}
