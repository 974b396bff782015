import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { FulfilmentStatus, OrderStatusReason } from '../entities/enums.js';
import { OrderEventType } from '../entities/order-event.js';
import { OrderStatus } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import { StreamEnd } from '../subscriptions/change.js';

registerEnumType(StreamEnd, {
  name: 'StreamEnd',
  description: 'Why a stream ends with this message.',
  valuesConfig: {
    COMPLETE: { description: 'Nothing more will happen.' },
    TOKEN_EXPIRED: { description: 'The access token has ended: sign in again and resume.' },
    ACCOUNT_BLOCKED: { description: 'The account was blocked.' },
    TOO_SLOW: { description: 'The reader was too slow: resume after the last version.' },
    SHUTDOWN: { description: 'The server goes away: connect again and resume.' },
  },
});

/** One message of a stream: an event of an order, or a snapshot of it. */
@ObjectType({ description: 'Something that happened to an order, or its present state.' })
export class OrderStatusChange {
  @Field(() => Order, { description: 'The order as it is now; its version is at least this one’s.' })
  order!: Order;

  @Field(() => OrderEventType, { nullable: true, description: 'What happened; null for a snapshot.' })
  type!: OrderEventType | null;

  @Field(() => OrderStatus, { nullable: true, description: 'Status before.' })
  from!: OrderStatus | null;

  @Field(() => OrderStatus, { description: 'Status after.' })
  to!: OrderStatus;

  @Field(() => FulfilmentStatus, { description: 'How far the delivery was.' })
  fulfilment!: FulfilmentStatus;

  @Field(() => Int, { description: 'Version that the event made.' })
  version!: number;

  @Field(() => Boolean, { description: 'True for the present state, false for an event.' })
  snapshot!: boolean;

  @Field(() => OrderStatusReason, { nullable: true, description: 'Why.' })
  reason!: OrderStatusReason | null;

  @Field(() => String, { description: 'Place in the viewer’s own stream, for myOrdersChanged(after:).' })
  cursor!: string;

  @Field(() => StreamEnd, { nullable: true, description: 'Set on the last message of the stream.' })
  ends!: StreamEnd | null;

  @Field(() => GraphQLDateTime, { description: 'When it happened.' })
  occurredAt!: Date;
}
