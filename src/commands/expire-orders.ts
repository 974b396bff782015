import { expireOrder } from '../entities/order-closing.js';
import { isPayable } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import type { Environment } from './environment.js';

/** What one sweep did. */
export interface SweepResult {
  readonly expired: number;
  readonly postponed: number;
}

/**
 * Ends at most `limit` orders whose time has come, in one transaction. Several replicas share the work: rows that another
 * one is at are skipped.
 * @param newsAreCurrent false while news of payments come late: then orders that are being paid wait
 */
export async function expireDueOrders(env: Environment, limit: number, newsAreCurrent: boolean): Promise<SweepResult> {
  const now = env.clock.now();
  return env.fork().transactional(async (em) => {
    const due = await em.execute<{ id: string }[]>(
      `select id from orders where expires_at <= ? order by expires_at limit ? for no key update skip locked`,
      [now, limit],
    );
    const ids = due.map(({ id }) => id);
    if (ids.length === 0) return { expired: 0, postponed: 0 };
    const orders = await em.find(Order, { id: { $in: ids } }, { populate: ['attempts', 'itemRows', 'claims'] });
    const outcomes = orders
      .filter(({ status }) => isPayable(status))
      .map((order) => expireOrder(order, newsAreCurrent, now));
    const expired = outcomes.filter((outcome) => outcome === 'expired').length;
    return { expired, postponed: outcomes.length - expired };
  });
}
