import { FulfilmentStatus } from '../entities/enums.js';
import { recordEnrolment, type EnrolmentOutcome } from '../entities/order-fulfilment.js';
import { Order } from '../entities/order.js';
import { Saga, SagaKind } from '../entities/saga.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** A confirmation that a buyer was enrolled in a course. */
export interface EnrolmentMessage {
  readonly orderId: string;
  readonly courseId: string;
  readonly enrolledAt: Date;
  readonly inbox: InboxKey;
}

export type EnrolmentMessageOutcome = EnrolmentOutcome | 'repeated' | 'unknownOrder';

/**
 * Marks items as delivered, a batch in one transaction. Confirmations of unknown orders (of another order service) are
 * normal and have no effect.
 */
export async function recordEnrolments(
  env: Environment,
  messages: readonly EnrolmentMessage[],
): Promise<EnrolmentMessageOutcome[]> {
  const now = env.clock.now();
  return env.fork().transactional(async (em) => {
    const isNew = await takeIn(
      em,
      messages.map(({ inbox }) => inbox),
      now,
    );
    const ids = [...new Set(messages.map(({ orderId }) => orderId))].sort();
    await em.execute(`select id from orders where id in (?) order by id for no key update`, [ids]);
    const orders = await em.find(Order, { id: { $in: ids } }, { populate: ['itemRows'] });
    const byId = new Map(orders.map((order) => [order.id, order]));
    const outcomes = messages.map(({ orderId, courseId, enrolledAt, inbox }): EnrolmentMessageOutcome => {
      if (!isNew(inbox)) return 'repeated';
      const order = byId.get(orderId);
      if (!order) return 'unknownOrder';
      const outcome = recordEnrolment(order, courseId, enrolledAt, now);
      if (outcome === 'notPaid') env.log.error({ orderId, courseId }, 'enrolled for an order that is not paid');
      return outcome;
    });
    await endSagas(em, orders);
    return outcomes;
  });
}

/** A delivered order needs no saga any more, not even one that was stuck. */
async function endSagas(em: EntityManager, orders: readonly Order[]): Promise<void> {
  const delivered = orders.filter(({ fulfilment }) => fulfilment === FulfilmentStatus.FULFILLED).map(({ id }) => id);
  if (delivered.length === 0) return;
  await em.nativeDelete(Saga, { kind: SagaKind.PURCHASE, orderId: { $in: delivered } });
}
