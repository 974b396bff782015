import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, ObjectType } from 'type-graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import { RefundReason, RefundStatus } from './enums.js';
import { Money } from './money.js';
import { validateTransitions } from './order-status.js';
import { IllegalTransition, Order } from './order.js';

const S = RefundStatus;

/**
 * Every allowed change of a refund. The payment service may say how it ended before anybody has decided, and may give back
 * after all what had failed.
 */
export const refundTransitions: Readonly<Record<RefundStatus, readonly RefundStatus[]>> = {
  REQUESTED: [S.APPROVED, S.REJECTED, S.SUCCEEDED, S.FAILED],
  APPROVED: [S.SUCCEEDED, S.FAILED, S.REJECTED],
  FAILED: [S.SUCCEEDED, S.APPROVED],
  REJECTED: [],
  SUCCEEDED: [],
};
validateTransitions(refundTransitions, S.REQUESTED);

/** Money that goes back from one capture of an order. */
@ObjectType({ description: 'Money that goes back to the buyer.' })
@Entity({ tableName: 'order_refunds' })
export class OrderRefund {
  @Field(() => ID, { description: 'Identity of the refund.' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => Order, { mapToPk: true, fieldName: 'order_id' })
  orderId!: string;

  /** The payment service's id of the capture. */
  @Property({ type: 'text', nullable: true })
  paymentId!: string | null;

  /** Which items it gives back; none for a surplus capture. */
  @Property({ type: 'json' })
  itemIds!: string[];

  @Field(() => RefundStatus, { description: 'How far it is.' })
  @Property({ type: 'text' })
  status!: RefundStatus;

  @Field(() => RefundReason, { description: 'Why the money goes back.' })
  @Property({ type: 'text' })
  reason!: RefundReason;

  @Property({ type: 'bigint' })
  amountMinor!: bigint;

  @Property({ type: 'text' })
  currency!: string;

  @Field(() => String, { nullable: true, description: 'A remark of who asked or decided.' })
  @Property({ type: 'text', nullable: true })
  note!: string | null;

  @Field(() => String, { nullable: true, description: "The settlement's reference." })
  @Property({ type: 'text', nullable: true })
  reference!: string | null;

  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  requestedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  settledAt!: Date | null;

  /** Its order, where both were read in one statement, outside of a unit of work. */
  declare orderSnapshot?: Order;

  @Field(() => Money, { description: 'How much goes back.' })
  get amount(): Money {
    return new Money(this.amountMinor, this.currency);
  }

  /** @throws IllegalTransition when the transition table does not allow the change */
  moveTo(to: RefundStatus): void {
    if (!refundTransitions[this.status].includes(to)) {
      throw new IllegalTransition(`refund ${this.id}: ${this.status} does not lead to ${to}`);
    }
    this.status = to;
  }
}
