import type { OpenOrderExists } from '../entities/cart-refusals.js';
import { OrderItem } from '../entities/order-item.js';
import { totalsOf, type PricedItem } from '../entities/order-placing.js';
import type { Order } from '../entities/order.js';
import type { Environment } from './environment.js';

/** The payable order that a placement would only repeat: of the same products at the same total, and nothing else. */
export async function findEqualOrder(
  { fork }: Environment,
  { orders }: OpenOrderExists,
  items: readonly PricedItem[],
): Promise<Order | undefined> {
  const [order, ...others] = orders;
  if (!order || others.length > 0) return undefined;
  const rows = await fork().find(OrderItem, { order: order.id, revision: order.revision });
  const wanted = new Set(items.map(({ productId }) => productId));
  const isSame = rows.length === wanted.size && rows.every(({ productId }) => wanted.has(productId));
  const { totalMinor, currency } = totalsOf(items);
  return isSame && order.totalMinor === totalMinor && order.currency === currency ? order : undefined;
}
