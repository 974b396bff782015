import { Status, type CallContext } from 'nice-grpc';
import { validate as isUuid } from 'uuid';
import type { BookSession } from '../commands/book-session.js';
import type { PlaceOrder } from '../commands/place-order.js';
import type { RestoreOrder } from '../commands/restore-order.js';
import type { Order } from '../entities/order.js';
import { isPayable } from '../entities/order-status.js';
import { ActionNotAllowed } from '../entities/refusals.js';
import { maySeeOrder, type Actor } from '../entities/visibility.js';
import type { OrderData, OrderServiceImplementation } from '../generated/order_service.js';
import type { OrderLists } from '../queries/order-lists.js';
import type { OrderReads } from '../queries/order-reads.js';
import type { Revenue } from '../queries/revenue.js';
import type { CallerIdentity } from './caller-identity.js';
import { listParameters } from './list-parameters.js';
import { bookingData } from './booking-data.js';
import { AmountTooLarge, exactAmount, nearestAmount, orderData, type AmountForm } from './order-data.js';
import { refusalOf, refuse } from './refusals.js';

/** What the calls are answered with: the same commands and queries as the graph's. */
export interface OrderServiceParts {
  readonly placeOrder: PlaceOrder;
  readonly restoreOrder: RestoreOrder;
  readonly bookSession: BookSession;
  readonly reads: OrderReads;
  readonly lists: OrderLists;
  readonly revenue: Revenue;
}

/** The platform's clients know only this one. */
const CURRENCY = 'INR';
/** Orders are read with these parts, from one snapshot. */
const IN_WIRE_FORM = ['items', 'attempts'] as const;
const FIRST_YEAR = 2000;
const LAST_YEAR = 9998;

/** The platform's OrderService. Failures are gRPC statuses, never in-band errors: those crash the payment service. */
export function createOrderService(parts: OrderServiceParts, callers: CallerIdentity): OrderServiceImplementation {
  const { reads, lists, revenue } = parts;

  const findOrder = async (context: CallContext, orderId: string, actor: Actor | null): Promise<Order> => {
    const id = orderIdOf(context, orderId);
    const order = (await reads.orders([id], IN_WIRE_FORM)).get(id);
    if (order && (actor === null || maySeeOrder(actor, order))) return order;
    throw refuse(context, Status.NOT_FOUND, 'ORDER_NOT_FOUND', 'There is no such order.');
  };

  const inWireForm = async (orders: readonly Order[], amounts: AmountForm): Promise<OrderData[]> => {
    const bare = orders.filter(({ parts }) => !parts).map(({ id }) => id);
    const read = await reads.orders(bare, IN_WIRE_FORM);
    return orders.map((order) => {
      const whole = read.get(order.id) ?? order;
      return orderData(whole, whole.parts?.items ?? [], whole.parts?.attempts ?? [], amounts);
    });
  };

  const answer = async (order: Order, amounts: AmountForm = nearestAmount) => {
    const [data] = await inWireForm([order], amounts);
    return { result: { $case: 'success' as const, value: { order: data } } };
  };

  return {
    async placeOrder({ userId, courseIds, couponCode }, context) {
      const { buyerId, operatorId } = await callers.buyerAndOperatorFor(context, userId);
      const outcome = await parts.placeOrder(buyerId, {
        operatorId,
        courseIds: courseIds.map((id) => id.trim()),
        couponCode: couponCode || null,
        idempotencyKey: context.metadata.get('idempotency-key') || null,
        answerEqualOrder: true,
      });
      if ('order' in outcome) return answer(outcome.order);
      throw refusalOf(context, outcome);
    },
    async getOrderById({ orderId, userId }, context) {
      const actor = await callers.actorFor(context, userId);
      const order = await findOrder(context, orderId, actor);
      try {
        // The payment service charges what it reads here.
        return await answer(order, exactAmount);
      } catch (error) {
        if (!(error instanceof AmountTooLarge)) throw error;
        throw refuse(context, Status.OUT_OF_RANGE, 'AMOUNT_TOO_LARGE', error.message);
      }
    },
    async getOrders({ userId, params }, context) {
      const buyerId = await callers.buyerFor(context, userId);
      const { filter, offset, limit } = listParameters(context, params);
      const [orders, total] = await Promise.all([
        lists.rowsOfBuyer(buyerId, filter, offset, limit, IN_WIRE_FORM),
        lists.count(buyerId, filter),
      ]);
      return { result: { $case: 'success', value: { orders: await inWireForm(orders, nearestAmount), total } } };
    },
    async getOrderStatus({ orderId }, context) {
      const actor = await callers.actorOrTrusted(context);
      const order = await findOrder(context, orderId, actor);
      return { result: { $case: 'success', value: { status: order.status.toLowerCase(), orderId: order.id } } };
    },
    async restoreOrder({ orderId, userId }, context) {
      const { buyerId, operatorId } = await callers.buyerAndOperatorFor(context, userId);
      const id = orderIdOf(context, orderId);
      const input = { orderId: id, couponCode: null, expectedVersion: null, operatorId };
      const outcome = await parts.restoreOrder({ userId: buyerId, isOperator: false }, input);
      if (!('code' in outcome)) return answer(outcome.order);
      // The platform's client restores when it has waited 20 seconds, also while its payment is still under way.
      if (outcome instanceof ActionNotAllowed && isPayable(outcome.order.status)) return answer(outcome.order);
      throw refusalOf(context, outcome);
    },
    async getRevenueStats({ year }, context) {
      await callers.expectOperator(context);
      if (year < FIRST_YEAR || year > LAST_YEAR)
        throw refuse(context, Status.INVALID_ARGUMENT, 'INVALID_YEAR', `year must be ${FIRST_YEAR} to ${LAST_YEAR}.`);
      const months = await revenue.ofYear(year, CURRENCY);
      const revenueStats = months.map(({ month, gross, refunded }) => ({ month, revenue: Number(gross - refunded) }));
      return { result: { $case: 'success', value: { revenueStats } } };
    },
    async bookSession({ userId, sessionId }, context) {
      const { buyerId: attendeeId, operatorId } = await callers.buyerAndOperatorFor(context, userId);
      const outcome = await parts.bookSession(attendeeId, {
        operatorId,
        sessionId: sessionId.trim().toLowerCase(),
        idempotencyKey: context.metadata.get('idempotency-key') || null,
      });
      // The platform's client makes no key: what it has booked before is the answer to its repeated call.
      if ('booking' in outcome) return { result: { $case: 'success', value: bookingData(outcome.booking) } };
      throw refusalOf(context, outcome);
    },
  };
}

function orderIdOf(context: CallContext, orderId: string): string {
  if (isUuid(orderId)) return orderId.toLowerCase();
  throw refuse(context, Status.INVALID_ARGUMENT, 'INVALID_ORDER_ID', 'order_id is not a UUID.');
}
