import { validate as isUuid } from 'uuid';
import { Arg, Ctx, ID, Int, Resolver, Root, Subscription, type SubscribeResolverData } from 'type-graphql';
import { Context } from '../schema/context.js';
import { badInput, graphError } from '../schema/errors.js';
import { OrderStatusChange } from '../schema/order-status-change.js';
import type { OrderChange } from '../subscriptions/order-streams.js';

interface Arguments {
  orderId?: string;
  afterVersion?: number | null;
}

@Resolver()
export class OrderSubscriptionResolver {
  @Subscription(() => OrderStatusChange, {
    description:
      'Every event of an order, in order and without gaps; the present state first unless afterVersion is given.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, Arguments, Context>) => followOrder(args, context),
  })
  orderStatusChanged(
    @Arg('orderId', () => ID, { description: 'The order.' }) _orderId: string,
    @Arg('afterVersion', () => Int, { nullable: true, description: 'The last version that was seen.' })
    _after: number | null,
    @Root() change: OrderChange,
    @Ctx() context: Context,
  ): OrderStatusChange {
    context.renewLoaders();
    context.loaders.order.prime(change.order.id, change.order);
    return changeView(change);
  }
}

/** The order is refused before anything is streamed. @throws NOT_FOUND for a missing order and a stranger's alike */
async function followOrder({ orderId = '', afterVersion = null }: Arguments, context: Context) {
  const viewer = context.requireViewer();
  if (afterVersion !== null && afterVersion < 0) throw badInput('afterVersion must not be negative');
  const order = isUuid(orderId) ? await context.loaders.order.load(orderId.toLowerCase()) : null;
  if (!order) throw graphError('NOT_FOUND', 'There is no such order, or it is not yours.');
  return context.services.streams.follow(order, afterVersion, viewer);
}

function changeView({ order, event, ends }: OrderChange): OrderStatusChange {
  const shown = event
    ? { type: event.type, from: event.from, to: event.to, fulfilment: event.fulfilment, version: event.version }
    : { type: null, from: null, to: order.status, fulfilment: order.fulfilment, version: order.version };
  const at = event?.recordedAt ?? order.updatedAt;
  return Object.assign(new OrderStatusChange(), {
    ...shown,
    order,
    ends,
    snapshot: event === null,
    reason: event ? event.reason : order.statusReason,
    cursor: Buffer.from(at.toISOString()).toString('base64url'),
    occurredAt: event?.occurredAt ?? order.updatedAt,
  });
}
