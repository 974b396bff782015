import { validate as isUuid } from 'uuid';
import { Arg, Directive, ID, Int, Resolver, Root, type SubscribeResolverData, Subscription } from 'type-graphql';
import type { OrderEvent } from '../entities/order-event.js';
import type { Order } from '../entities/order.js';
import { Context } from '../schema/context.js';
import { badInput, graphError } from '../schema/errors.js';
import { OrderStatusChange } from '../schema/order-status-change.js';
import { cursorOf, type Change } from '../subscriptions/change.js';
import { openStream, readPlace } from './stream-arguments.js';
import { Cost } from '../schema/costs.js';

type OrderChange = Change<Order, OrderEvent>;

interface OneArguments {
  orderId?: string;
  afterVersion?: number | null;
}

interface OwnArguments {
  after?: string | null;
}

@Resolver()
export class OrderSubscriptionResolver {
  @Directive(Cost.STREAM)
  @Subscription(() => OrderStatusChange, {
    description:
      'Every event of an order, in order and without gaps; the present state first unless afterVersion is given.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, OneArguments, Context>) => followOrder(args, context),
  })
  orderStatusChanged(
    @Arg('orderId', () => ID, { description: 'The order.' }) _orderId: string,
    @Arg('afterVersion', () => Int, { nullable: true, description: 'The last version that was seen.' })
    _after: number | null,
    @Root() change: OrderChange,
  ): OrderStatusChange {
    return changeView(change);
  }

  @Directive(Cost.STREAM)
  @Subscription(() => OrderStatusChange, {
    description:
      'Every event of all orders of the viewer, those of one order in order and without gaps; with a cursor first a snapshot of each order that changed since. Snapshots may repeat what was seen: drop them by version.',
    subscribe: ({ args, context }: SubscribeResolverData<unknown, OwnArguments, Context>) => followOwn(args, context),
  })
  myOrdersChanged(
    @Arg('after', () => String, { nullable: true, description: 'The cursor of the last message that was seen.' })
    _after: string | null,
    @Root() change: OrderChange,
  ): OrderStatusChange {
    return changeView(change);
  }
}

/** The order is refused before anything is streamed. @throws NOT_FOUND for a missing order and a stranger's alike */
async function followOrder({ orderId = '', afterVersion = null }: OneArguments, context: Context) {
  const viewer = context.requireViewer();
  if (afterVersion !== null && afterVersion < 0) throw badInput('afterVersion must not be negative');
  const order = isUuid(orderId) ? await context.loaders.order.load(orderId.toLowerCase()) : null;
  if (!order) throw graphError('NOT_FOUND', 'There is no such order, or it is not yours.');
  return openStream(context.services, viewer, () =>
    context.services.streams.orders.follow(order, afterVersion, viewer),
  );
}

function followOwn({ after = null }: OwnArguments, context: Context) {
  const viewer = context.requireViewer();
  const place = readPlace(after);
  return openStream(context.services, viewer, () => context.services.streams.orders.followOwn(place, viewer));
}

/** Shows a message; what is selected of its order is read again. */
function changeView({ aggregate: order, event, ends, at }: OrderChange): OrderStatusChange {
  const shown = event
    ? { type: event.type, from: event.from, to: event.to, fulfilment: event.fulfilment, version: event.version }
    : { type: null, from: null, to: order.status, fulfilment: order.fulfilment, version: order.version };
  return Object.assign(new OrderStatusChange(), {
    ...shown,
    order,
    ends,
    snapshot: event === null,
    reason: event ? event.reason : order.statusReason,
    cursor: cursorOf(at),
    occurredAt: event?.occurredAt ?? order.updatedAt,
  });
}
