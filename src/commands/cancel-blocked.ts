import { EventActor, OrderStatusReason } from '../entities/enums.js';
import { cancelOrder } from '../entities/order-closing.js';
import { OrderStatus } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import { attachBookings } from '../persistence/order-bookings.js';
import { lockSeats } from '../persistence/seats.js';
import { rememberBlocked } from '../persistence/user/blocked-users.js';
import { leaveLine, linesOf } from '../persistence/waitlist.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** A user's account was blocked. */
export interface BlockedMessage {
  readonly userId: string;
  readonly inbox: InboxKey;
}

/**
 * Remembers users as blocked, cancels their unpaid orders, and takes them out of every line; money that still comes is
 * late money.
 */
export async function cancelOrdersOfBlocked(env: Environment, messages: readonly BlockedMessage[]): Promise<string[]> {
  const now = env.clock.now();
  return env.fork().transactional(async (em) => {
    const isNew = await takeIn(
      em,
      messages.map(({ inbox }) => inbox),
      now,
    );
    const outcomes = messages.map(({ inbox }) => (isNew(inbox) ? 'applied' : 'repeated'));
    const users = [...new Set(messages.flatMap(({ userId }, i) => (outcomes[i] === 'applied' ? userId : [])))];
    if (users.length === 0) return outcomes;
    await rememberBlocked(em, users, now);
    const locked = await em.execute<{ id: string }[]>(
      `select id from orders where buyer_id in (?) and status in (?) order by id for no key update`,
      [users, [OrderStatus.PENDING_PAYMENT, OrderStatus.PROCESSING]],
    );
    const ids = locked.map(({ id }) => id);
    const orders = await em.find(Order, { id: { $in: ids } }, { populate: ['attempts', 'itemRows', 'claims'] });
    await attachBookings(em, orders);
    const cancellation = {
      actor: EventActor.SYSTEM,
      byId: null,
      reason: OrderStatusReason.ACCOUNT_BLOCKED,
      note: null,
    };
    await leaveLines(em, users, orders);
    for (const order of orders) cancelOrder(order, cancellation, now);
    return outcomes;
  });
}

/** A seat that becomes free is not for somebody who may not buy it. All seats that are needed are locked at once, in one order. */
async function leaveLines(em: EntityManager, userIds: readonly string[], orders: readonly Order[]): Promise<void> {
  const lines: { readonly userId: string; readonly sessionId: string }[] = [];
  for (const userId of userIds) {
    for (const sessionId of await linesOf(() => em, userId)) lines.push({ userId, sessionId });
  }
  if (lines.length === 0) return;
  const ofOrders = orders.flatMap(({ sessionId }) => sessionId ?? []);
  await lockSeats(em, [...lines.map(({ sessionId }) => sessionId), ...ofOrders]);
  for (const { userId, sessionId } of lines) await leaveLine(em, sessionId, userId);
}
