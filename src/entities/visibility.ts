import type { Order } from './order.js';

/** Who wants to see or do something. */
export interface Actor {
  readonly userId: string;
  readonly isOperator: boolean;
}

/** The one rule of who sees an order: its buyer and operators. To everyone else it looks like a missing one. */
export function maySeeOrder(actor: Actor | null, order: Pick<Order, 'buyerId'>): boolean {
  return actor !== null && (actor.isOperator || actor.userId === order.buyerId);
}
