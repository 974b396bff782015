import { EventActor, OrderStatusReason, RefundReason } from '../entities/enums.js';
import { OrderClaim } from '../entities/order-claim.js';
import { cancelOrder } from '../entities/order-closing.js';
import { complete } from '../entities/payment/payment-effects.js';
import { claimProducts } from '../entities/order-placing.js';
import { refundSurplus } from '../entities/order-refunding.js';
import { isClosedUnpaid, isPayable } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import { changeOrder } from '../persistence/change-order.js';
import { violatedConstraint } from '../persistence/errors.js';
import type { EntityManager } from '../persistence/orm.js';
import { askAboutCart } from './cart.js';
import { decideLateSeat } from './decide-late-seat.js';
import type { Environment } from './environment.js';

/**
 * Decides about money that came on a closed order: the order is completed if everything can still be delivered, else
 * the money goes back with a reason.
 * @throws NeighbourDown when a neighbour does not answer: the saga asks again
 */
export async function decideLateMoney(env: Environment, orderId: string, attemptId: string): Promise<void> {
  const order = await env.fork().findOneOrFail(Order, orderId, { populate: ['itemRows'] });
  if (order.sessionId) return decideLateSeat(env, { orderId, attemptId, sessionId: order.sessionId });
  const courseIds = order.currentItems.map(({ productId }) => productId);
  const facts = await askAboutCart(env.neighbours, order.buyerId, courseIds);
  const enrolled = facts.enrolledIn.length > 0;
  const deliverable = !enrolled && courseIds.every((id) => facts.courses.get(id)?.published);
  const reason = enrolled ? RefundReason.ALREADY_ENROLLED : RefundReason.LATE_PAYMENT;
  if (deliverable && (await tryToDeliver(env, orderId, attemptId, courseIds))) return;
  await giveBack(env, orderId, attemptId, reason);
}

/** @returns false when another order of the buyer holds one of the products */
async function tryToDeliver(
  env: Environment,
  orderId: string,
  attemptId: string,
  productIds: readonly string[],
): Promise<boolean> {
  try {
    const delivered = await changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
      const attempt = order.attempts.getItems().find(({ id }) => id === attemptId);
      if (attempt?.capture !== 'UNDECIDED' || !isClosedUnpaid(order.status)) return true;
      const now = env.clock.now();
      if (!(await supersedeOthers(em, order, productIds, now))) return false;
      claimProducts(order, now);
      complete(order, attempt, now, now);
      return true;
    });
    return delivered ?? true;
  } catch (error) {
    if (violatedConstraint(error) === 'order_claims_pkey') return false;
    throw error;
  }
}

/**
 * Cancels the buyer's other open orders of the products: the money that is here delivers them.
 * @returns false when one of the products is in a paid order
 */
async function supersedeOthers(
  em: EntityManager,
  order: Order,
  productIds: readonly string[],
  now: Date,
): Promise<boolean> {
  const held = { buyerId: order.buyerId, productId: { $in: [...productIds] } };
  const claims = await em.find(OrderClaim, held, { populate: ['order'] });
  const ids = [...new Set(claims.map((claim) => claim.order.id))].sort();
  if (claims.some((claim) => !isPayable(claim.order.status))) return false;
  const others = await em.find(Order, { id: { $in: ids } }, { populate: ['attempts', 'itemRows', 'claims'] });
  const by = { actor: EventActor.SYSTEM, byId: null, reason: OrderStatusReason.SUPERSEDED, note: null };
  for (const other of others) cancelOrder(other, by, now);
  // Their claims are gone before the same products are claimed again.
  await em.flush();
  return true;
}

async function giveBack(env: Environment, orderId: string, attemptId: string, reason: RefundReason): Promise<void> {
  await changeOrder(env.fork, orderId, ['attempts'], (order) => {
    const attempt = order.attempts.getItems().find(({ id }) => id === attemptId);
    if (attempt?.capture === 'UNDECIDED') refundSurplus(order, attempt, env.clock.now(), reason);
  });
}
