import { EventActor, FulfilmentStatus, ProductKind } from './enums.js';
import { OrderEventType } from './order-event.js';
import type { OrderItem } from './order-item.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';

/** What became of a confirmation of an enrolment. `revoked`: its money had gone back before. */
export type EnrolmentOutcome = 'fulfilled' | 'known' | 'notInOrder' | 'notPaid' | 'revoked';

/**
 * Marks the item of a course as delivered, and the order when it was the last one. Needs the order's items.
 * A confirmation on an order that is not paid marks the item only; for that, and for a revoked item, the caller raises an
 * alert.
 */
export function recordEnrolment(order: Order, courseId: string, at: Date, now: Date): EnrolmentOutcome {
  const item = order.currentItems.find((one) => one.kind === ProductKind.COURSE && one.productId === courseId);
  if (!item) return 'notInOrder';
  if (item.fulfilment === FulfilmentStatus.FULFILLED) return 'known';
  if (item.fulfilment === FulfilmentStatus.REVOKED) return 'revoked';
  item.fulfilment = FulfilmentStatus.FULFILLED;
  const paid = order.status === OrderStatus.SUCCEEDED;
  order.record(OrderEventType.ITEM_FULFILLED, { actor: EventActor.COURSE_SERVICE, itemId: item.id, at }, now);
  if (paid) recordWholeDelivery(order, now);
  return paid ? 'fulfilled' : 'notPaid';
}

/** Marks a paid order as delivered where nothing of it is missing; nothing happens where something is. */
export function recordWholeDelivery(order: Order, now: Date): void {
  if (missingItems(order).length > 0) return;
  order.fulfilment = FulfilmentStatus.FULFILLED;
  order.record(OrderEventType.FULFILLED, { actor: EventActor.SYSTEM }, now);
}

/** Items whose delivery has not been confirmed. */
export function missingItems(order: Order): OrderItem[] {
  return order.currentItems.filter(
    ({ fulfilment }) => fulfilment === FulfilmentStatus.IN_PROGRESS || fulfilment === FulfilmentStatus.STUCK,
  );
}

/** All tries to get these items delivered are used up. */
export function markStuck(order: Order, items: readonly OrderItem[], now: Date): void {
  for (const item of items) item.fulfilment = FulfilmentStatus.STUCK;
  order.fulfilment = FulfilmentStatus.STUCK;
  order.record(OrderEventType.FULFILMENT_STUCK, { actor: EventActor.SYSTEM }, now);
}
