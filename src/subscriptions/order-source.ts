import { FulfilmentStatus, OrderStatusReason, RefundStatus } from '../entities/enums.js';
import type { OrderEvent } from '../entities/order-event.js';
import type { OrderRefund } from '../entities/order-refund.js';
import { OrderStatus } from '../entities/order-status.js';
import type { Order } from '../entities/order.js';
import type { StreamReads, StreamSource } from './stream-source.js';

/** What streams read of orders, each for any number of them. */
export interface OrderStreamReads extends StreamReads<OrderEvent> {
  orders(ids: readonly string[]): Promise<ReadonlyMap<string, Order>>;
  refunds(orderIds: readonly string[]): Promise<ReadonlyMap<string, readonly OrderRefund[]>>;
}

/** Orders as they are followed live. */
export function orderSource(reads: OrderStreamReads): StreamSource<Order, OrderEvent> {
  return {
    kind: 'order',
    reads,
    load: (ids) => reads.orders(ids),
    aggregateIdOf: ({ orderId }) => orderId,
    ownerOf: ({ buyerId }) => buyerId,
    isComplete: (order) => isComplete(order, reads),
    tellsOfBlocking: ({ reason }) => reason === OrderStatusReason.ACCOUNT_BLOCKED,
  };
}

/** Nothing more happens to a refunded order, or to a delivered one without an open refund. */
async function isComplete(order: Order, reads: OrderStreamReads): Promise<boolean> {
  if (order.status === OrderStatus.REFUNDED) return true;
  const delivered = order.fulfilment === FulfilmentStatus.FULFILLED || order.fulfilment === FulfilmentStatus.REVOKED;
  if (order.status !== OrderStatus.SUCCEEDED || !delivered) return false;
  const refunds = (await reads.refunds([order.id])).get(order.id) ?? [];
  return !refunds.some(({ status }) => status === RefundStatus.REQUESTED || status === RefundStatus.APPROVED);
}
