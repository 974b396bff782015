import { v7 as uuidv7 } from 'uuid';
import type { Order } from './order.js';
import { RevenueEntry } from './revenue-entry.js';

/** How an order changes the revenue of the day it was paid. Amounts in minor units. */
export interface RevenueChange {
  readonly orders: number;
  readonly gross: bigint;
  readonly refunded: bigint;
}

/** Counts in the transaction that changes it. Money and its return count on the day of payment, UTC. */
export function recordRevenue(order: Order, { orders, gross, refunded }: RevenueChange): void {
  if (!order.paidAt) return;
  const day = order.paidAt.toISOString().slice(0, 10);
  const { currency } = order;
  order.addRevenue(
    Object.assign(new RevenueEntry(), {
      id: uuidv7(),
      day,
      currency,
      orders,
      grossMinor: gross,
      refundedMinor: refunded,
    }),
  );
}
