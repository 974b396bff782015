import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { CheckoutProvider } from '../enums.js';
import { Order } from '../order.js';
import type { PaymentFactKind } from '../payment-decision.js';

/** Why a message about a payment was not applied. */
export enum SuspicionReason {
  ANOTHER_BUYER = 'ANOTHER_BUYER',
  ANOTHER_ORDER = 'ANOTHER_ORDER',
  ANOTHER_CURRENCY = 'ANOTHER_CURRENCY',
  AMOUNT_TOO_LOW = 'AMOUNT_TOO_LOW',
  AMOUNT_DIFFERS = 'AMOUNT_DIFFERS',
  STATUS_DIFFERS = 'STATUS_DIFFERS',
  UNKNOWN_PAYMENT = 'UNKNOWN_PAYMENT',
  NOT_VERIFIED = 'NOT_VERIFIED',
}
registerEnumType(SuspicionReason, {
  name: 'SuspicionReason',
  description: 'Why a message about a payment was not applied.',
  valuesConfig: {
    ANOTHER_BUYER: { description: 'The message names another user than the buyer.' },
    ANOTHER_ORDER: { description: 'The payment service knows the payment as that of another order.' },
    ANOTHER_CURRENCY: { description: 'The currency is not that of the order.' },
    AMOUNT_TOO_LOW: { description: 'Less was captured than the order costs.' },
    AMOUNT_DIFFERS: {
      description:
        'The payment service answers another amount than the message, or the payment was captured with another.',
    },
    STATUS_DIFFERS: { description: 'The payment has not succeeded according to its own status.' },
    UNKNOWN_PAYMENT: { description: 'The payment service does not know the payment.' },
    NOT_VERIFIED: { description: 'The payment service could not be asked, and the settings require its answer.' },
  },
});

/** What became of a suspicious payment. */
export enum SuspiciousPaymentStatus {
  OPEN = 'OPEN',
  ACCEPTED = 'ACCEPTED',
  REJECTED = 'REJECTED',
}
registerEnumType(SuspiciousPaymentStatus, {
  name: 'SuspiciousPaymentStatus',
  description: 'What became of a suspicious payment.',
  valuesConfig: {
    OPEN: { description: 'Nobody has decided yet.' },
    ACCEPTED: { description: 'It was applied to its order after all.' },
    REJECTED: { description: 'It was not applied.' },
  },
});

/** A message about a payment that disagrees with its order. It changes nothing until somebody decides. */
@ObjectType({ description: 'A message about a payment that disagrees with its order and was not applied.' })
@Entity({ tableName: 'suspicious_payments' })
export class SuspiciousPayment {
  /** UUIDv5 of the message, so that a repeat is the same row. */
  @Field(() => ID, { description: 'Identity of the suspicious payment.' })
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => Order, { mapToPk: true, fieldName: 'order_id' })
  orderId!: string;

  /** What the message reports: initiated, succeeded, failed, cancelled or expired. */
  @Property({ type: 'text' })
  kind!: PaymentFactKind;

  @Field(() => ID, { description: "The payment service's id of the payment." })
  @Property({ type: 'text' })
  paymentId!: string;

  @Field(() => CheckoutProvider, { nullable: true, description: 'The payment provider, if the message names it.' })
  @Property({ type: 'text', nullable: true })
  provider!: CheckoutProvider | null;

  @Property({ type: 'text', nullable: true })
  providerOrderId!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The user whom the message names as the payer, if it names one.',
  })
  @Property({ type: 'text', nullable: true })
  claimedUserId!: string | null;

  @Property({ type: 'bigint', nullable: true })
  claimedAmountMinor!: bigint | null;

  @Field(() => String, { nullable: true, description: 'The currency that the message names, if it names one.' })
  @Property({ type: 'text', nullable: true })
  claimedCurrency!: string | null;

  /** What the payment service itself answered about the amount; null where it did not. */
  @Property({ type: 'bigint', nullable: true })
  verifiedAmountMinor!: bigint | null;

  @Field(() => String, { nullable: true, description: 'The currency that the payment service answered, if it did.' })
  @Property({ type: 'text', nullable: true })
  verifiedCurrency!: string | null;

  /** What the payment had to capture when the message came, minor units of the order's currency. */
  @Property({ type: 'bigint' })
  expectedMinor!: bigint;

  @Field(() => [SuspicionReason], { description: 'Why it was not applied.' })
  @Property({ type: 'json' })
  reasons!: SuspicionReason[];

  @Field(() => SuspiciousPaymentStatus, { description: 'Whether somebody has decided about it.' })
  @Property({ type: 'text' })
  status!: SuspiciousPaymentStatus;

  @Field(() => String, { nullable: true, description: 'The reason that the operator gave for the decision.' })
  @Property({ type: 'text', nullable: true })
  note!: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'User id of the operator who decided; null while open, and where the payment service confirmed it later.',
  })
  @Property({ type: 'uuid', nullable: true })
  decidedById!: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it was decided.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  decidedAt!: Date | null;

  /** When the payment changed, as the message reports it. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  occurredAt!: Date;

  @Field(() => GraphQLDateTime, { description: 'When the message arrived.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  receivedAt!: Date;

  /** Its order, where both were read in one statement, outside of a unit of work. */
  declare orderSnapshot?: Order;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'The amount that the message names, in minor units of its currency, if it names one.',
  })
  get claimedAmount(): number | null {
    return this.claimedAmountMinor === null ? null : Number(this.claimedAmountMinor);
  }

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'The amount that the payment service answered, in minor units of its currency, if it did.',
  })
  get verifiedAmount(): number | null {
    return this.verifiedAmountMinor === null ? null : Number(this.verifiedAmountMinor);
  }
}
