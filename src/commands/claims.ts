import { AlreadyEnrolled, OpenOrderExists } from '../entities/cart-refusals.js';
import { OrderClaim } from '../entities/order-claim.js';
import { isPayable } from '../entities/order-status.js';
import { ServiceUnavailable } from '../entities/refusals.js';
import { detached } from '../persistence/change-order.js';
import type { Environment } from './environment.js';

/** Says which orders of a buyer hold products that could not be claimed. */
export async function explainClaims(
  env: Environment,
  buyerId: string,
  productIds: readonly string[],
): Promise<AlreadyEnrolled | OpenOrderExists | ServiceUnavailable> {
  const held = { buyerId, productId: { $in: [...productIds] } };
  const claims = await env.fork().find(OrderClaim, held, { populate: ['order'] });
  const bought = claims.filter(({ order }) => !isPayable(order.status)).map(({ productId }) => productId);
  if (bought.length > 0) return new AlreadyEnrolled(bought);
  // A claim that is gone by now was of an order that has just ended: the buyer may simply try again.
  if (claims.length === 0) return new ServiceUnavailable('order', 1);
  const orders = new Map(claims.map(({ order }) => [order.id, detached(order)]));
  return new OpenOrderExists(
    claims.map(({ productId }) => productId),
    [...orders.values()],
  );
}
