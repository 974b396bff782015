import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Order } from './order.js';
import { SessionBooking } from './session-booking.js';

export enum SagaKind {
  PURCHASE = 'PURCHASE',
  PAYMENT = 'PAYMENT',
  SESSION_BOOKING = 'SESSION_BOOKING',
  REFUND = 'REFUND',
}
registerEnumType(SagaKind, {
  name: 'SagaKind',
  description: 'What a saga takes care of.',
  valuesConfig: {
    PURCHASE: { description: 'The delivery of a paid order.' },
    PAYMENT: { description: 'Calls to the payment service and late money.' },
    SESSION_BOOKING: { description: 'The life of a booking.' },
    REFUND: { description: 'The way of money back.' },
  },
});

/** What must still happen: durable truth and work queue in one row, deleted when nothing is left to do. */
@ObjectType({ description: 'Something that must still happen.' })
@Entity({ tableName: 'sagas' })
export class Saga {
  @Field(() => ID, { description: 'Identity of the saga.' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @Field(() => SagaKind, { description: 'What it takes care of.' })
  @Property({ type: 'text' })
  kind!: SagaKind;

  @ManyToOne(() => Order, { mapToPk: true, fieldName: 'order_id', nullable: true })
  orderId!: string | null;

  @ManyToOne(() => SessionBooking, { mapToPk: true, fieldName: 'booking_id', nullable: true })
  bookingId!: string | null;

  /** Our id of the payment attempt, or the refund, that it is about. */
  @Property({ type: 'uuid', nullable: true })
  subjectId!: string | null;

  @Field(() => String, { description: 'Where it is.' })
  @Property({ type: 'text' })
  step!: string;

  /** When to act next. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  dueAt!: Date;

  /** How often the present step was performed. */
  @Field(() => Int, { description: 'How often it was tried.' })
  @Property({ type: 'integer' })
  attempts!: number;

  /** How often it failed since it last went well. */
  @Property({ type: 'integer' })
  failures!: number;

  @Field(() => String, { nullable: true, description: 'Why the last try failed.' })
  @Property({ type: 'text', nullable: true })
  lastError!: string | null;

  /** Set when the tries are used up: an operator is needed. */
  @Field(() => GraphQLDateTime, { nullable: true, description: 'Since when it needs an operator.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  stuckSince!: Date | null;

  @Property({ type: 'text', nullable: true })
  leaseOwner!: string | null;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  leaseUntil!: Date | null;

  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  createdAt!: Date;

  /** Its order, where both were read in one statement, outside of a unit of work. */
  declare orderSnapshot?: Order;
}

/** A saga that begins with a change of an order. */
export type StartedSaga = Pick<Saga, 'kind' | 'step' | 'subjectId' | 'dueAt'>;

/** What every saga begins with. */
export type NewSaga = StartedSaga & Pick<Saga, 'orderId' | 'createdAt'>;

/** A saga of which no step was performed yet. @param id made by the caller */
export function newSaga(id: string, started: NewSaga): Saga {
  return Object.assign(new Saga(), {
    bookingId: null,
    attempts: 0,
    failures: 0,
    lastError: null,
    stuckSince: null,
    leaseOwner: null,
    leaseUntil: null,
    ...started,
    id,
  });
}
