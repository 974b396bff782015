import type { GraphQLFieldResolver } from 'graphql';
import { OrderRefund } from '../../entities/order-refund.js';
import { Order } from '../../entities/order.js';
import { PaymentAttempt } from '../../entities/payment-attempt.js';
import { SessionBooking } from '../../entities/session-booking.js';
import type { AroundRoot } from '../../schema/build-schema.js';
import type { Context } from '../../schema/context.js';
import { selectedParts } from '../../schema/shared/selected-parts.js';

type Resolve = GraphQLFieldResolver<unknown, Context>;

/** A result of a mutation, or a message of a stream. */
type Result = Readonly<Record<string, unknown>>;

/**
 * Lets everything that an operation shows of one order come from one snapshot, whichever door it came through. What the
 * operation selects is known before anything is read; what a mutation or a stream answers with was read without parts, and is
 * read again with them where the operation shows some. Each mutation of an operation shows the state that it has left.
 */
export const inOneSnapshot: AroundRoot = (resolve, parent) => {
  const planned: Resolve = (source, args, context, info) => {
    context.plan(selectedParts(info.operation, info.fragments));
    return resolve(source, args, context, info);
  };
  if (parent === 'Query') return planned;
  return async (source, args, context, info) => {
    context.plan(selectedParts(info.operation, info.fragments));
    context.renewLoaders();
    return settled((await resolve(source, args, context, info)) as Result | null, context);
  };
};

/** The result, with its aggregates as the operation shows them. */
async function settled(result: Result | null, context: Context): Promise<Result | null> {
  if (result === null || typeof result !== 'object') return result;
  const shown: Record<string, unknown> = {};
  const { order, orders, booking, payment, refund } = result;
  if (order instanceof Order) shown.order = await orderShown(order, context);
  if (Array.isArray(orders)) shown.orders = await Promise.all(orders.map((one: Order) => orderShown(one, context)));
  if (booking instanceof SessionBooking) shown.booking = await bookingShown(booking, context);
  const { parts } = shown.order instanceof Order ? shown.order : {};
  if (payment instanceof PaymentAttempt)
    shown.payment = parts?.attempts?.find(({ id }) => id === payment.id) ?? payment;
  if (refund instanceof OrderRefund) shown.refund = parts?.refunds?.find(({ id }) => id === refund.id) ?? refund;
  if (Object.keys(shown).length === 0) return result;
  const copy = Object.create(Object.getPrototypeOf(result) as object) as Result;
  return Object.assign(copy, result, shown);
}

async function orderShown(order: Order, { loaders }: Context): Promise<Order> {
  const { snapshots } = loaders;
  if (snapshots.parts.length === 0) return snapshots.keepOrder(order);
  return (await loaders.order.load(order.id)) ?? order;
}

async function bookingShown(booking: SessionBooking, { loaders }: Context): Promise<SessionBooking> {
  const { snapshots } = loaders;
  if (!snapshots.withOrder || booking.orderId === null) return snapshots.keepBooking(booking);
  return (await loaders.booking.load(booking.id)) ?? booking;
}
