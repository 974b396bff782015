import { Saga, SagaKind } from '../entities/saga.js';
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
