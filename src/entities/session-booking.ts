import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { currentScope, type RequestScope } from '../observability/correlation.js';
import type { BookingEventType } from './booking-event.js';
import { bookingTransitions, SessionBookingStatus } from './booking-status.js';
import { OrderStatusReason, type EventActor } from './enums.js';
import { Money } from './money.js';
import type { BookingNoticeKind } from './notice.js';
import { IllegalTransition, Order } from './order.js';

/** What an event of a booking says beside its type. */
export interface BookingEventDetail {
  readonly to: SessionBookingStatus;
  readonly reason?: OrderStatusReason | null;
  readonly note?: string | null;
  readonly actor: EventActor;
  readonly byId?: string | null;
  /** What the attendee is told because of it. */
  readonly notice?: BookingNoticeKind;
}

/** An event that waits to be written with the booking. */
export interface RecordedBookingEvent extends BookingEventDetail {
  readonly type: BookingEventType;
  readonly version: number;
  readonly from: SessionBookingStatus | null;
  readonly to: SessionBookingStatus;
  readonly occurredAt: Date;
  readonly scope: RequestScope | undefined;
}

/**
 * The aggregate: one attendee's seat in one session. It has a seat of the session while it is PENDING or CONFIRMED. Its
 * events, messages and notices, and the count of seats, are written in the transaction that changes it.
 */
@ObjectType({ description: 'A seat that somebody has booked in a live session.' })
@Directive('@key(fields: "id")')
@Entity({ tableName: 'session_bookings' })
export class SessionBooking {
  @Field(() => ID, { description: 'Identity of the booking.' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => ID, { description: 'The live session.' })
  @Property({ type: 'uuid' })
  sessionId!: string;

  @Field(() => ID, { description: 'Who attends.' })
  @Property({ type: 'uuid' })
  attendeeId!: string;

  /** The order that pays for it; null for a free session. */
  @ManyToOne(() => Order, { mapToPk: true, fieldName: 'order_id', nullable: true })
  orderId!: string | null;

  @Field(() => SessionBookingStatus, { description: 'Where it is in its life.' })
  @Property({ type: 'text' })
  status!: SessionBookingStatus;

  @Field(() => OrderStatusReason, { nullable: true, description: 'Why it has this status.' })
  @Property({ type: 'text', nullable: true })
  statusReason!: OrderStatusReason | null;

  @Field(() => String, { nullable: true, description: 'A remark to the status, by the person who caused it.' })
  @Property({ type: 'text', nullable: true })
  statusNote!: string | null;

  @Field(() => String, { nullable: true, description: 'Title of the session when it was booked.' })
  @Property({ type: 'text', nullable: true })
  title!: string | null;

  @Property({ type: 'bigint' })
  priceMinor!: bigint;

  @Property({ type: 'text' })
  currency!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was booked.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  bookedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When the seat became the attendee’s.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  confirmedAt!: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was cancelled.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  cancelledAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'When it last changed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  updatedAt!: Date;

  @Field(() => Int, { description: 'Version of its newest event.' })
  @Property({ type: 'integer', concurrencyCheck: true })
  version!: number;

  /** Written with the next flush, then emptied. */
  declare recorded?: RecordedBookingEvent[];
  /** It has given its seat back: the next flush counts it, and promotes who waits. */
  declare freesSeat?: boolean;

  /** Its order, where both were read in one statement, outside of a unit of work. */
  declare orderSnapshot?: Order;

  @Field(() => Money, { description: 'What the seat costs.' })
  get price(): Money {
    return new Money(this.priceMinor, this.currency);
  }

  /**
   * Records what happened: raises the version by one and changes the status, but for the first event, which makes it.
   * @throws IllegalTransition when the transition table does not allow the change: an end cannot come twice
   */
  record(type: BookingEventType, detail: BookingEventDetail, now: Date): void {
    const from = this.version === 0 ? null : this.status;
    if (from !== null) this.moveTo(detail);
    this.version += 1;
    this.updatedAt = now;
    const fixed = { type, version: this.version, from, to: this.status, occurredAt: now, scope: currentScope() };
    (this.recorded ??= []).push({ ...detail, ...fixed });
  }

  /** Not a #private method: the unit of work makes entities without their constructor. */
  private moveTo({ to, reason, note }: BookingEventDetail): void {
    if (!bookingTransitions[this.status].includes(to)) {
      throw new IllegalTransition(`booking ${this.id}: ${this.status} does not lead to ${to}`);
    }
    this.status = to;
    this.statusReason = reason ?? null;
    this.statusNote = note ?? null;
  }
}
