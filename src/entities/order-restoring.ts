import type { BookingActor } from './booking-life.js';
import { EventActor, FulfilmentStatus } from './enums.js';
import { OrderEventType } from './order-event.js';
import { claimProducts, completeWithoutPayment, newItem, totalsOf, type PricedItem } from './order-placing.js';
import { holdSeat } from './order-seat.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';

/** What a restore needs that was made before the unit of work. */
export interface Restoration {
  readonly items: readonly PricedItem[];
  readonly itemIds: readonly string[];
  readonly couponCode: string | null;
  /** Who restores it; the buyer where absent. */
  readonly by?: BookingActor;
  readonly payableUntil: Date;
  readonly now: Date;
  /** For an order of a session whose seat was taken: the booking that it gets. */
  readonly bookingId?: string;
}

/**
 * Makes an ended order payable again at today's prices: a new revision of its items, a new deadline. The old items stay for
 * attempts that may still succeed at their price. Needs all its parts.
 */
export function restoreOrder(order: Order, restoration: Restoration): void {
  const { items, itemIds, couponCode, payableUntil, now, bookingId } = restoration;
  const before = order.totalMinor;
  order.revision += 1;
  items.forEach((priced, position) => order.itemRows.add(newItem(order, itemIds[position] ?? '', priced, position)));
  Object.assign(order, totalsOf(items), { couponCode, payableUntil, expiresAt: payableUntil, paidAt: null });
  claimProducts(order, now);
  const by = restoration.by ?? { actor: EventActor.BUYER, byId: order.buyerId };
  if (bookingId !== undefined) holdSeat(order, bookingId, by, now);
  order.record(OrderEventType.RESTORED, { ...by, to: OrderStatus.PENDING_PAYMENT }, now);
  if (order.totalMinor !== before) order.record(OrderEventType.REPRICED, { actor: EventActor.SYSTEM }, now);
  if (order.totalMinor === 0n) completeWithoutPayment(order, now);
}

/**
 * Takes an order back to the pricing that a payment was made for: a success completes the order at its attempt's price.
 * Needs the order's items.
 */
export function returnToRevision(order: Order, revision: number): void {
  if (order.revision === revision) return;
  order.revision = revision;
  Object.assign(order, totalsOf(order.currentItems));
  order.fulfilment = FulfilmentStatus.NOT_STARTED;
}
