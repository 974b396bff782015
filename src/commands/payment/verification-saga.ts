import { SuspicionReason } from '../../entities/payment/suspicious-payment.js';
import { PaymentStep } from '../../entities/saga-steps.js';
import { newSaga, SagaKind, type Saga } from '../../entities/saga.js';

/** Reasons that a later answer of the payment service may remove. */
const LATER: ReadonlySet<SuspicionReason> = new Set([
  SuspicionReason.NOT_VERIFIED,
  SuspicionReason.UNKNOWN_PAYMENT,
  SuspicionReason.STATUS_DIFFERS,
]);
const FIRST_TRY_MS = 5_000;

export const isVerifiedLater = (reason: SuspicionReason): boolean => LATER.has(reason);

/** The saga that asks the payment service again about a suspicious payment. */
export function verificationSaga(id: string, orderId: string, suspiciousPaymentId: string, now: Date): Saga {
  const dueAt = new Date(now.getTime() + FIRST_TRY_MS);
  const step = PaymentStep.VERIFY;
  return newSaga(id, { kind: SagaKind.PAYMENT, orderId, subjectId: suspiciousPaymentId, step, dueAt, createdAt: now });
}
