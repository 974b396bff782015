import { FulfilmentStatus, RefundStatus } from '../entities/enums.js';
import { recordEnrolment, type EnrolmentOutcome } from '../entities/order-fulfilment.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Order } from '../entities/order.js';
import { withinScopeOf, type RequestScope } from '../observability/correlation.js';
import { lockOrders } from '../persistence/change-order.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import { attachBookings } from '../persistence/order-bookings.js';
import { endPurchaseSagas } from './end-sagas.js';
import type { Environment } from './environment.js';

/** A confirmation that a buyer was enrolled in a course. */
export interface EnrolmentMessage {
  readonly orderId: string;
  readonly courseId: string;
  readonly enrolledAt: Date;
  readonly inbox: InboxKey;
  readonly scope?: RequestScope | undefined;
}

/** `refunding`: delivered although its money is on its way back. */
export type EnrolmentMessageOutcome = EnrolmentOutcome | 'refunding' | 'repeated' | 'unknownOrder';

/** What a person should look at: somebody has a course without having paid for it. */
const ALERTS = new Set<EnrolmentMessageOutcome>(['notPaid', 'revoked', 'refunding']);

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
    const ids = [...new Set(messages.map(({ orderId }) => orderId))];
    await lockOrders(em, ids);
    const orders = await em.find(Order, { id: { $in: ids } }, { populate: ['itemRows'] });
    await attachBookings(em, orders);
    const byId = new Map(orders.map((order) => [order.id, order]));
    const refunds = await em.find(OrderRefund, { orderId: { $in: ids }, status: RefundStatus.APPROVED });
    const outcomes = messages.map((message): EnrolmentMessageOutcome => {
      const { orderId, courseId, enrolledAt, inbox } = message;
      if (!isNew(inbox)) return 'repeated';
      const order = byId.get(orderId);
      if (!order) return 'unknownOrder';
      const outcome = withinScopeOf(message, () => record(order, courseId, enrolledAt, refunds, now));
      if (ALERTS.has(outcome))
        env.log.warn({ orderId, courseId, outcome }, 'enrolled in a course that is not paid for');
      return outcome;
    });
    const delivered = orders.filter(({ fulfilment }) => fulfilment === FulfilmentStatus.FULFILLED);
    await endPurchaseSagas(
      em,
      delivered.map(({ id }) => id),
    );
    return outcomes;
  });
}

function record(
  order: Order,
  courseId: string,
  at: Date,
  approved: readonly OrderRefund[],
  now: Date,
): EnrolmentMessageOutcome {
  const outcome = recordEnrolment(order, courseId, at, now);
  const item = order.currentItems.find(({ productId }) => productId === courseId);
  const isGoingBack = item && approved.some(({ itemIds }) => itemIds.includes(item.id));
  return outcome === 'fulfilled' && isGoingBack ? 'refunding' : outcome;
}
