import { expireOrder } from '../entities/order-closing.js';
import { Order } from '../entities/order.js';
import { attachBookings } from '../persistence/order-bookings.js';
import type { EntityManager } from '../persistence/orm.js';
import { unsentOffers } from '../persistence/seat-hold.js';
import type { Environment } from './environment.js';
import { isUndecidable } from './undecidable.js';

/** What one sweep did. */
export interface SweepResult {
  readonly expired: number;
  /** Orders that cannot be decided now; they are looked at again later and do not stand before the others. */
  readonly postponed: number;
}

interface Sweep {
  readonly now: Date;
  /** False while news of payments come late: then orders that are being paid wait. */
  readonly newsAreCurrent: boolean;
}

/** When an order that cannot be decided now is looked at again, ms. News that are late may come at any moment. */
const LOOK_AGAIN_MS = { resultAwaited: 60_000, newsLate: 2_000, offerUnsent: 2_000, undecidable: 60_000 } as const;

/**
 * Ends at most `limit` orders whose time has come, in one transaction. Several replicas share the work: rows that another
 * one is at are skipped. When one order cannot be decided at all, each is decided alone.
 * @param newsAreCurrent false while news of payments come late: then orders that are being paid wait
 */
export async function expireDueOrders(env: Environment, limit: number, newsAreCurrent: boolean): Promise<SweepResult> {
  const sweep: Sweep = { now: env.clock.now(), newsAreCurrent };
  try {
    return await env.fork().transactional(async (em) => expire(em, await lockDue(em, sweep.now, limit), sweep));
  } catch (error) {
    if (!isUndecidable(error)) throw error;
    return oneByOne(env, limit, sweep);
  }
}

async function lockDue(em: EntityManager, now: Date, limit: number): Promise<string[]> {
  const due = await em.execute<{ id: string }[]>(
    `select id from orders where expires_at <= ? order by expires_at limit ? for no key update skip locked`,
    [now, limit],
  );
  return due.map(({ id }) => id);
}

async function expire(em: EntityManager, ids: readonly string[], { now, newsAreCurrent }: Sweep): Promise<SweepResult> {
  if (ids.length === 0) return { expired: 0, postponed: 0 };
  const orders = await em.find(Order, { id: { $in: [...ids] } }, { populate: ['attempts', 'itemRows', 'claims'] });
  await attachBookings(em, orders);
  // The time of a seat that is offered to who waits begins when they are told.
  const unsent = await unsentOffers(em, orders);
  const byOutcome = Map.groupBy(orders, (order) =>
    unsent.has(order.id) ? 'offerUnsent' : expireOrder(order, newsAreCurrent, now),
  );
  for (const reason of ['resultAwaited', 'newsLate', 'offerUnsent'] as const) {
    const waiting = byOutcome.get(reason) ?? [];
    await postpone(
      em,
      waiting.map(({ id }) => id),
      reason,
      now,
    );
  }
  const expired = byOutcome.get('expired')?.length ?? 0;
  return { expired, postponed: orders.length - expired };
}

/** Not by the unit of work: nothing happened to the orders, so that their version stays. */
async function postpone(
  em: EntityManager,
  ids: readonly string[],
  reason: keyof typeof LOOK_AGAIN_MS,
  now: Date,
): Promise<void> {
  if (ids.length === 0) return;
  const expiresAt = new Date(now.getTime() + LOOK_AGAIN_MS[reason]);
  await em.nativeUpdate(Order, { id: { $in: [...ids] } }, { expiresAt });
}

async function oneByOne(env: Environment, limit: number, sweep: Sweep): Promise<SweepResult> {
  const due = await env
    .fork()
    .execute<{ id: string }[]>(`select id from orders where expires_at <= ? order by expires_at limit ?`, [
      sweep.now,
      limit,
    ]);
  let [expired, postponed] = [0, 0];
  for (const { id } of due) {
    const result = await expireAlone(env, id, sweep);
    expired += result.expired;
    postponed += result.postponed;
  }
  return { expired, postponed };
}

async function expireAlone(env: Environment, id: string, sweep: Sweep): Promise<SweepResult> {
  try {
    return await env.fork().transactional(async (em) => {
      const still = await em.execute<{ id: string }[]>(
        `select id from orders where id = ? and expires_at <= ? for no key update skip locked`,
        [id, sweep.now],
      );
      return expire(
        em,
        still.map((row) => row.id),
        sweep,
      );
    });
  } catch (error) {
    if (!isUndecidable(error)) throw error;
    env.log.error({ err: error, orderId: id }, 'an order whose time has come could not be decided');
    await postpone(env.fork(), [id], 'undecidable', sweep.now);
    return { expired: 0, postponed: 1 };
  }
}
