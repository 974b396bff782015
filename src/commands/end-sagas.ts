import { Saga, SagaKind } from '../entities/saga.js';
import { PaymentStep } from '../entities/saga-steps.js';
import type { EntityManager } from '../persistence/orm.js';

/** What was delivered, or will not be, needs no saga any more, not even one that was stuck. */
export async function endPurchaseSagas(em: EntityManager, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  await em.nativeDelete(Saga, { kind: SagaKind.PURCHASE, orderId: { $in: [...orderIds] } });
}

/** A refund that has ended needs no saga any more, not even one that was stuck. */
export async function endRefundSaga(em: EntityManager, orderId: string, refundId: string): Promise<void> {
  await em.nativeDelete(Saga, { kind: SagaKind.REFUND, orderId, subjectId: refundId });
}

/** The result of a finished payment that has come needs not be asked for any more, not even by a saga that was stuck. */
export async function endResultSagas(em: EntityManager, attemptIds: readonly string[]): Promise<void> {
  if (attemptIds.length === 0) return;
  const step = PaymentStep.ASK_RESULT;
  await em.nativeDelete(Saga, { kind: SagaKind.PAYMENT, step, subjectId: { $in: [...attemptIds] } });
}
