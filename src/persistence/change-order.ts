import { LockMode } from '@mikro-orm/core';
import { Order } from '../entities/order.js';
import { isConflict } from './errors.js';
import type { EntityManager, Fork } from './orm.js';

/** The parts of an order that a decision may need. */
export type OrderPart = 'itemRows' | 'attempts' | 'claims';

const TRIES = 4;

/**
 * Loads and locks an order, lets `decide` change it, and writes it in one transaction. When another transaction was
 * first all the same, or holds it too long, all is done again on the new state, a few times.
 * @returns what `decide` returned; undefined when there is no such order
 */
export async function changeOrder<T>(
  fork: Fork,
  orderId: string,
  parts: readonly OrderPart[],
  decide: (order: Order, em: EntityManager) => T | Promise<T>,
): Promise<T | undefined> {
  for (let tries = 1; ; tries++) {
    const em = fork();
    try {
      return await em.transactional(async (transaction) => {
        // Locked first, as the consumer does: two that write events before they update would die in a deadlock.
        const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
        const order = await transaction.findOne(Order, orderId, { populate: parts as never, ...lock });
        return order ? decide(order, transaction) : undefined;
      });
    } catch (error) {
      if (tries === TRIES || !isConflict(error)) throw error;
    }
  }
}

/** A copy of an order without its unit of work: plain columns, safe to answer with. */
export function detached(order: Order): Order {
  const { itemRows, attempts, claims, recorded, startedSagas, newRefunds, newRevenue, ...columns } = order;
  return Object.assign(Object.create(Order.prototype) as Order, columns);
}
