import { LockMode } from '@mikro-orm/core';
import { Order } from '../entities/order.js';
import type { Actor } from '../entities/visibility.js';
import { isConflict } from './errors.js';
import { attachBookings } from './order-bookings.js';
import type { EntityManager, Fork } from './orm.js';

/** The parts of an order that a decision may need. */
export type OrderPart = 'itemRows' | 'attempts' | 'claims';

const TRIES = 4;

/** What changing an order may need beside it. */
export interface ChangeOptions {
  /** Other orders that `decide` changes. */
  readonly alsoLock?: readonly string[];
  /** Whose order it must be. A stranger's is not even locked: it takes the same work as one that does not exist. */
  readonly visibleTo?: Actor;
}

/**
 * Loads and locks an order, where it is of a session with its bookings, lets `decide` change it, and writes it in one
 * transaction. When another transaction was first all the same, or holds it too long, all is done again on the new state.
 * @returns what `decide` returned; undefined when there is no such order
 */
export async function changeOrder<T>(
  fork: Fork,
  orderId: string,
  parts: readonly OrderPart[],
  decide: (order: Order, em: EntityManager) => T | Promise<T>,
  { alsoLock = [], visibleTo }: ChangeOptions = {},
): Promise<T | undefined> {
  return retried(() =>
    fork().transactional(async (em) => {
      if (alsoLock.length > 0) await lockOrders(em, [orderId, ...alsoLock]);
      // Locked first, as the consumer does: two that write events before they update would die in a deadlock.
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      const where = { id: orderId, ...(visibleTo ? ownedBy(visibleTo) : {}) };
      const order = await em.findOne(Order, where, { populate: parts as never, ...lock });
      if (!order) return undefined;
      await attachBookings(em, [order]);
      return decide(order, em);
    }),
  );
}

/** The condition of `maySeeOrder` for a query. */
const ownedBy = ({ isOperator, userId }: Actor) => (isOperator ? {} : { buyerId: userId });

/** Locks orders in the order of their ids, as everywhere, so that callers wait for each other instead of dying in a deadlock. */
export async function lockOrders(em: EntityManager, ids: readonly string[]): Promise<void> {
  await em.execute(`select id from orders where id in (?) order by id for no key update`, [[...new Set(ids)].sort()]);
}

/** Runs a transaction; when another one was first, or holds what it needs for too long, again, a few times. */
export async function retried<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction();
    } catch (error) {
      if (tries === TRIES || !isConflict(error)) throw error;
    }
  }
}

/** A copy of an order without its unit of work: plain columns, safe to answer with. */
export function detached(order: Order): Order {
  const { itemRows, attempts, claims, bookings, recorded, startedSagas, newRefunds, newRevenue, ...columns } = order;
  return Object.assign(Object.create(Order.prototype) as Order, columns);
}
