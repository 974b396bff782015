import { Collection } from '@mikro-orm/core';
import { Entity, OneToMany, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { EventActor, FulfilmentStatus, OrderStatusReason } from './enums.js';
import { Money } from './money.js';
import { OrderClaim } from './order-claim.js';
import { OrderEventType } from './order-event.js';
import { OrderItem } from './order-item.js';
import type { OrderRefund } from './order-refund.js';
import type { RevenueEntry } from './revenue-entry.js';
import { OrderStatus, orderTransitions } from './order-status.js';
import type { OrderParts } from './order/order-parts.js';
import { PaymentAttempt } from './payment-attempt.js';
import type { StartedSaga } from './saga.js';
import type { SessionBooking } from './session-booking.js';
import { currentScope, type RequestScope } from '../observability/correlation.js';

/** What an event says beside its type; the rest is known from the order. */
export interface EventDetail {
  to?: OrderStatus;
  reason?: OrderStatusReason | null;
  note?: string | null;
  actor: EventActor;
  byId?: string | null;
  itemId?: string;
  paymentId?: string | null;
  refundId?: string;
  /** When it happened; the time of the unit of work where absent. */
  at?: Date;
}

/** An event that waits to be written with the order. */
export interface RecordedEvent extends EventDetail {
  type: OrderEventType;
  version: number;
  from: OrderStatus | null;
  to: OrderStatus;
  fulfilment: FulfilmentStatus;
  occurredAt: Date;
  /** The refund that the event is about, for its messages. */
  refund?: OrderRefund;
  /** What caused it: several orders may be written together, each for a cause of its own. */
  scope: RequestScope | undefined;
}

/** A status change that the transition table does not know: a defect, never a user's mistake. */
export class IllegalTransition extends Error {
  override name = 'IllegalTransition';
}

/**
 * The aggregate: an order with its items, payment attempts, claims and refunds. Any change of any of them raises
 * `version` by recording an event; events, messages and sagas are written in the same transaction.
 */
@ObjectType({ description: 'An order of courses or of a seat in a live session.' })
@Directive('@key(fields: "id")')
@Entity({ tableName: 'orders' })
export class Order {
  @Field(() => ID, { description: 'Identity of the order.' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => String, { description: 'Number for people, such as EL-7K3M9QZTX.' })
  @Property({ type: 'text' })
  number!: string;

  @Field(() => OrderStatus, { description: 'Where it is in its life.' })
  @Property({ type: 'text' })
  status!: OrderStatus;

  @Field(() => OrderStatusReason, { nullable: true, description: 'Why it has this status.' })
  @Property({ type: 'text', nullable: true })
  statusReason!: OrderStatusReason | null;

  @Field(() => String, { nullable: true, description: 'A remark to the status, by the person who caused it.' })
  @Property({ type: 'text', nullable: true })
  statusNote!: string | null;

  @Field(() => FulfilmentStatus, { description: 'How far the delivery is.' })
  @Property({ type: 'text' })
  fulfilment!: FulfilmentStatus;

  @Field(() => ID, { description: 'Who bought it.' })
  @Property({ type: 'uuid' })
  buyerId!: string;

  @Field(() => String, { nullable: true, description: 'The coupon it was placed with.' })
  @Property({ type: 'text', nullable: true })
  couponCode!: string | null;

  /** The live session that it buys a seat in; null for an order of courses. */
  @Property({ type: 'uuid', nullable: true })
  sessionId!: string | null;

  @Property({ type: 'text' })
  currency!: string;

  @Property({ type: 'bigint' })
  subtotalMinor!: bigint;

  @Property({ type: 'bigint' })
  discountMinor!: bigint;

  @Property({ type: 'bigint' })
  taxMinor!: bigint;

  @Property({ type: 'bigint' })
  totalMinor!: bigint;

  @Property({ type: 'bigint' })
  capturedMinor!: bigint;

  @Property({ type: 'bigint' })
  refundedMinor!: bigint;

  /** Number of its present pricing, from 1; a restore makes a new one. */
  @Property({ type: 'integer' })
  revision!: number;

  @Field(() => GraphQLDateTime, { description: 'When it was placed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  placedAt!: Date;

  /** Until then a payment may be started; fixed at placing or restore. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  payableUntil!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it expires if it is not paid; null once closed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  expiresAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was paid.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  paidAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'When it last changed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  updatedAt!: Date;

  @Field(() => Int, { description: 'Version of its newest event.' })
  @Property({ type: 'integer', concurrencyCheck: true })
  version!: number;

  @OneToMany(() => OrderItem, (item) => item.order)
  itemRows = new Collection<OrderItem>(this);

  @OneToMany(() => PaymentAttempt, (attempt) => attempt.order, { orphanRemoval: true })
  attempts = new Collection<PaymentAttempt>(this);

  @OneToMany(() => OrderClaim, (claim) => claim.order, { orphanRemoval: true })
  claims = new Collection<OrderClaim>(this);

  /** Written with the next flush, then emptied. */
  declare recorded?: RecordedEvent[];
  declare startedSagas?: StartedSaga[];
  declare newRefunds?: OrderRefund[];
  declare newRevenue?: RevenueEntry[];
  /** All bookings that it has had, oldest first; loaded with every order of a session that may change. */
  declare bookings?: SessionBooking[];

  /** What was read with it, outside of a unit of work. */
  declare parts?: Partial<OrderParts>;

  @Field(() => Money, { description: 'Sum of the list prices.' })
  get subtotal(): Money {
    return new Money(this.subtotalMinor, this.currency);
  }

  @Field(() => Money, { description: 'Sum of all discounts.' })
  get discount(): Money {
    return new Money(this.discountMinor, this.currency);
  }

  @Field(() => Money, { description: 'Tax, already part of the items’ prices.' })
  get tax(): Money {
    return new Money(this.taxMinor, this.currency);
  }

  @Field(() => Money, { description: 'What is to be paid.' })
  get total(): Money {
    return new Money(this.totalMinor, this.currency);
  }

  @Field(() => Money, { description: 'All money received for it.' })
  get captured(): Money {
    return new Money(this.capturedMinor, this.currency);
  }

  @Field(() => Money, { description: 'All money given back.' })
  get refunded(): Money {
    return new Money(this.refundedMinor, this.currency);
  }

  /** The items of the present pricing, in the order of the cart. */
  get currentItems(): OrderItem[] {
    return this.itemRows
      .getItems()
      .filter((item) => item.revision === this.revision)
      .sort((a, b) => a.position - b.position);
  }

  /**
   * Records what happened: raises the version by one and, where `to` is given, changes the status.
   * @throws IllegalTransition when the transition table does not allow the change
   */
  record(type: OrderEventType, detail: EventDetail, now: Date): RecordedEvent {
    const from = this.version === 0 ? null : this.status;
    const to = detail.to ?? this.status;
    if (to !== this.status) this.moveTo(to, detail);
    this.version += 1;
    this.updatedAt = now;
    const occurredAt = detail.at ?? now;
    const fixed = { type, version: this.version, from, to, fulfilment: this.fulfilment, occurredAt };
    const event = { ...detail, ...fixed, scope: currentScope() };
    (this.recorded ??= []).push(event);
    return event;
  }

  /** Not a #private method: the unit of work makes entities without their constructor. */
  private moveTo(to: OrderStatus, detail: EventDetail): void {
    if (!orderTransitions[this.status].includes(to)) {
      throw new IllegalTransition(`order ${this.id}: ${this.status} does not lead to ${to}`);
    }
    this.status = to;
    this.statusReason = detail.reason ?? null;
    this.statusNote = detail.note ?? null;
  }

  /** Lets a saga begin with this change. */
  startSaga(saga: StartedSaga): void {
    (this.startedSagas ??= []).push(saga);
  }

  /** Adds a refund that is written with this change. */
  addRefund(refund: OrderRefund): void {
    (this.newRefunds ??= []).push(refund);
  }

  /** Counts revenue with this change. */
  addRevenue(entry: RevenueEntry): void {
    (this.newRevenue ??= []).push(entry);
  }
}
