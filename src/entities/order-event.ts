import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import { EventActor, FulfilmentStatus, OrderStatusReason } from './enums.js';
import { OrderStatus } from './order-status.js';
import { Order } from './order.js';

export enum OrderEventType {
  PLACED = 'PLACED',
  REPRICED = 'REPRICED',
  PAYMENT_REQUESTED = 'PAYMENT_REQUESTED',
  PAYMENT_INITIATED = 'PAYMENT_INITIATED',
  PAYMENT_ATTACHED = 'PAYMENT_ATTACHED',
  PAYMENT_CONFIRMED = 'PAYMENT_CONFIRMED',
  PAYMENT_SUCCEEDED = 'PAYMENT_SUCCEEDED',
  PAYMENT_FAILED = 'PAYMENT_FAILED',
  PAYMENT_CANCELLED = 'PAYMENT_CANCELLED',
  PAYMENT_EXPIRED = 'PAYMENT_EXPIRED',
  PAYMENT_REVIEWED = 'PAYMENT_REVIEWED',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
  RESTORED = 'RESTORED',
  ITEM_FULFILLED = 'ITEM_FULFILLED',
  FULFILLED = 'FULFILLED',
  FULFILMENT_STUCK = 'FULFILMENT_STUCK',
  SAGA_RETRIED = 'SAGA_RETRIED',
  REFUND_REQUESTED = 'REFUND_REQUESTED',
  REFUND_APPROVED = 'REFUND_APPROVED',
  REFUND_REJECTED = 'REFUND_REJECTED',
  REFUND_SUCCEEDED = 'REFUND_SUCCEEDED',
  REFUND_FAILED = 'REFUND_FAILED',
  REFUNDED = 'REFUNDED',
}
registerEnumType(OrderEventType, {
  name: 'OrderEventType',
  description: 'What happened to an order.',
  valuesConfig: {
    PLACED: { description: 'The order was placed.' },
    REPRICED: { description: 'A restore gave it new prices.' },
    PAYMENT_REQUESTED: { description: 'A payment was asked of the payment service.' },
    PAYMENT_INITIATED: { description: 'The payment service started a payment.' },
    PAYMENT_ATTACHED: {
      description: 'The payment service answered the request for a payment of which its events had come before.',
    },
    PAYMENT_CONFIRMED: { description: 'The buyer finished the payment; its result is awaited.' },
    PAYMENT_SUCCEEDED: { description: 'Money was captured.' },
    PAYMENT_FAILED: { description: 'A payment was declined.' },
    PAYMENT_CANCELLED: { description: 'A payment was abandoned.' },
    PAYMENT_EXPIRED: { description: 'A payment was not finished in its time.' },
    PAYMENT_REVIEWED: {
      description: 'A message about a payment that disagreed with the order was accepted or rejected.',
    },
    SUCCEEDED: { description: 'The order is paid.' },
    FAILED: { description: 'The last payment of the order failed.' },
    CANCELLED: { description: 'The order was cancelled.' },
    EXPIRED: { description: 'The order was not paid in time.' },
    RESTORED: { description: 'The order was made payable again.' },
    ITEM_FULFILLED: { description: 'The buyer was enrolled in one course.' },
    FULFILLED: { description: 'Everything was delivered.' },
    FULFILMENT_STUCK: { description: 'The delivery did not come after all tries.' },
    SAGA_RETRIED: { description: 'An operator let a stuck step run again.' },
    REFUND_REQUESTED: { description: 'A refund was asked for.' },
    REFUND_APPROVED: { description: 'A refund was approved.' },
    REFUND_REJECTED: { description: 'A refund was refused.' },
    REFUND_SUCCEEDED: { description: 'Money was given back.' },
    REFUND_FAILED: { description: 'Money could not be given back.' },
    REFUNDED: { description: 'The whole payment was given back.' },
  },
});

/** One row a version of an order, append-only: the timeline, the backfill of live streams and the audit. */
@ObjectType({ description: 'Something that happened to an order; one for each version.' })
@Entity({ tableName: 'order_events' })
export class OrderEvent {
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => Order, { mapToPk: true, fieldName: 'order_id' })
  orderId!: string;

  /** Kept beside the order's own, for the viewer's stream. */
  @Property({ type: 'uuid' })
  buyerId!: string;

  @Field(() => Int, { description: 'Version of the order that this event made.' })
  @Property({ type: 'integer' })
  version!: number;

  @Field(() => OrderEventType, { description: 'What happened.' })
  @Property({ type: 'text' })
  type!: OrderEventType;

  @Field(() => OrderStatus, { nullable: true, description: 'Status before; null when it was placed.' })
  @Property({ type: 'text', nullable: true })
  from!: OrderStatus | null;

  @Field(() => OrderStatus, { description: 'Status after.' })
  @Property({ type: 'text' })
  to!: OrderStatus;

  @Property({ type: 'text' })
  fulfilment!: FulfilmentStatus;

  @Field(() => OrderStatusReason, { nullable: true, description: 'Why, where the status changed for a reason.' })
  @Property({ type: 'text', nullable: true })
  reason!: OrderStatusReason | null;

  @Field(() => String, { nullable: true, description: 'A remark of the person who did it.' })
  @Property({ type: 'text', nullable: true })
  note!: string | null;

  @Field(() => EventActor, { description: 'Who did it.' })
  @Property({ type: 'text' })
  actor!: EventActor;

  /** User id of the person who did it. */
  @Property({ type: 'text', nullable: true })
  byId!: string | null;

  @Property({ type: 'uuid', nullable: true })
  itemId!: string | null;

  /** The payment service's id. */
  @Property({ type: 'text', nullable: true })
  paymentId!: string | null;

  @Property({ type: 'uuid', nullable: true })
  refundId!: string | null;

  @Field(() => GraphQLDateTime, { description: 'When it happened.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  occurredAt!: Date;

  /** When it was written; the place in the viewer's stream. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  recordedAt!: Date;

  @Property({ type: 'text', nullable: true })
  correlationId!: string | null;
}
