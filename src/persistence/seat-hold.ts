import type { Order } from '../entities/order.js';
import { lockOrders } from './change-order.js';
import type { EntityManager } from './orm.js';

/** An order whose seat is offered to who was first in line, and until when it is held once they have been told. */
export interface Hold {
  readonly orderId: string;
  readonly until: Date;
}

/**
 * Lets the time of offered seats begin: those who wait cannot pay before they are told. Not by the unit of work: nothing has
 * happened to the orders, so that their version stays.
 */
export async function startHolds(em: EntityManager, holds: readonly Hold[]): Promise<void> {
  if (holds.length === 0) return;
  await lockOrders(
    em,
    holds.map(({ orderId }) => orderId),
  );
  for (const { orderId, until } of holds) {
    await em.execute(
      `update orders set payable_until = greatest(payable_until, ?::timestamptz),
         expires_at = greatest(expires_at, ?::timestamptz)
       where id = ? and expires_at is not null`,
      [until, until, orderId],
    );
  }
}

/** Which of these orders hold a seat whose offer has not been sent yet. Orders of courses cost no statement. */
export async function unsentOffers(em: EntityManager, orders: readonly Order[]): Promise<ReadonlySet<string>> {
  const ids = orders.flatMap(({ id, sessionId }) => (sessionId ? id : []));
  if (ids.length === 0) return new Set();
  const rows = await em.execute<{ order_id: string }[]>(
    `select order_id from notices where kind = 'SEAT_OFFERED' and order_id in (?)`,
    [ids],
  );
  return new Set(rows.map((row) => row.order_id));
}
