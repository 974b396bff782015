import { Status, type CallContext } from 'nice-grpc';
import { validate as isUuid } from 'uuid';
import { maySeeOrder, type Actor } from '../entities/visibility.js';
import type { Order } from '../entities/order.js';
import type { OrderServiceImplementation } from '../generated/order_service.js';
import type { OrderReads } from '../queries/order-reads.js';
import { refuse, type CallerIdentity } from './caller-identity.js';
import { AmountTooLarge, orderData } from './order-data.js';

/** The platform's OrderService. Failures are gRPC statuses, never in-band errors: those crash the payment service. */
export function createOrderService(reads: OrderReads, callers: CallerIdentity): OrderServiceImplementation {
  const findOrder = async (context: CallContext, orderId: string, actor: Actor | null): Promise<Order> => {
    if (!isUuid(orderId)) throw refuse(context, Status.INVALID_ARGUMENT, 'INVALID_ORDER_ID', 'order_id is not a UUID.');
    const id = orderId.toLowerCase();
    const order = (await reads.orders([id])).get(id);
    if (order && (actor === null || maySeeOrder(actor, order))) return order;
    throw refuse(context, Status.NOT_FOUND, 'ORDER_NOT_FOUND', 'There is no such order.');
  };

  const unimplemented = (_request: unknown, context: CallContext): never => {
    throw refuse(context, Status.UNIMPLEMENTED, 'NOT_OFFERED_YET', 'This call is offered through GraphQL only.');
  };

  return {
    async getOrderById({ orderId, userId }, context) {
      const actor = await callers.actorFor(context, userId);
      const order = await findOrder(context, orderId, actor);
      const [items, attempts] = await Promise.all([reads.items([order.id]), reads.attempts([order.id])]);
      try {
        const data = orderData(order, items.get(order.id) ?? [], attempts.get(order.id) ?? []);
        return { result: { $case: 'success', value: { order: data } } };
      } catch (error) {
        if (!(error instanceof AmountTooLarge)) throw error;
        throw refuse(context, Status.OUT_OF_RANGE, 'AMOUNT_TOO_LARGE', error.message);
      }
    },
    async getOrderStatus({ orderId }, context) {
      const actor = await callers.actorOrTrusted(context);
      const order = await findOrder(context, orderId, actor);
      return { result: { $case: 'success', value: { status: order.status.toLowerCase(), orderId: order.id } } };
    },
    placeOrder: unimplemented,
    getOrders: unimplemented,
    restoreOrder: unimplemented,
    getRevenueStats: unimplemented,
    bookSession: unimplemented,
  };
}
