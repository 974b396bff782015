import { FulfilmentStatus, OrderStatusReason, RefundStatus } from '../entities/enums.js';
import type { OrderEvent } from '../entities/order-event.js';
import { OrderStatus } from '../entities/order-status.js';
import type { Order } from '../entities/order.js';
import type { StreamReads, StreamSource } from './stream-source.js';

/** What streams read of orders, each for any number of them. */
export interface OrderStreamReads extends StreamReads<OrderEvent> {
  /** @param parts what is read with each order, from the same snapshot */
  orders(ids: readonly string[], parts: readonly ['refunds']): Promise<ReadonlyMap<string, Order>>;
}

/** Orders as they are followed live. */
export function orderSource(reads: OrderStreamReads): StreamSource<Order, OrderEvent> {
  return {
    kind: 'order',
    reads,
    // Whether an order is complete is decided by the refunds of the version that is shown: a later one has an event to come.
    load: (ids) => reads.orders(ids, ['refunds']),
    aggregateIdOf: ({ orderId }) => orderId,
    ownerOf: ({ buyerId }) => buyerId,
    isComplete,
    tellsOfBlocking: ({ reason }) => reason === OrderStatusReason.ACCOUNT_BLOCKED,
  };
}

/** Nothing more happens to a refunded order, or to a delivered one without an open refund. */
function isComplete(order: Order): boolean {
  if (order.status === OrderStatus.REFUNDED) return true;
  const delivered = order.fulfilment === FulfilmentStatus.FULFILLED || order.fulfilment === FulfilmentStatus.REVOKED;
  if (order.status !== OrderStatus.SUCCEEDED || !delivered) return false;
  const { refunds } = order.parts ?? {};
  if (!refunds) throw new Error(`order ${order.id} was read without its refunds`);
  return !refunds.some(({ status }) => status === RefundStatus.REQUESTED || status === RefundStatus.APPROVED);
}
