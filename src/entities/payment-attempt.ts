import { Entity, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import type { Rel } from '@mikro-orm/core';
import { Field, ObjectType } from 'type-graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import { CheckoutProvider, PaymentStatus } from './enums.js';
import { Money } from './money.js';
import { validateTransitions } from './order-status.js';
import { Order } from './order.js';
import type { ProviderSession } from './provider-session.js';

/** Where the buyer's browser goes after paying. */
export interface ReturnUrls {
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
}

/** INTENT: asked of the payment service, not answered yet; never shown. */
export type AttemptStatus = PaymentStatus | 'INTENT';

/** What became of captured money: it completed the order, waits for a decision, or goes back. */
export type CaptureState = 'ACCEPTED' | 'UNDECIDED' | 'RETURNED';

const S = PaymentStatus;

/** Every allowed change of an attempt. It only rises: money that is captured counts, however the attempt had ended before. */
export const attemptTransitions: Readonly<Record<AttemptStatus, readonly AttemptStatus[]>> = {
  INTENT: [S.PENDING, S.SUCCEEDED, S.FAILED, S.CANCELLED, S.EXPIRED],
  PENDING: [S.SUCCEEDED, S.FAILED, S.CANCELLED, S.EXPIRED],
  FAILED: [S.SUCCEEDED],
  CANCELLED: [S.SUCCEEDED],
  EXPIRED: [S.SUCCEEDED],
  SUCCEEDED: [],
};
validateTransitions(attemptTransitions, 'INTENT');

/** One try to pay an order. Attempts are a list: none is ever overwritten by another. */
@ObjectType({ description: 'One try to pay an order.' })
@Entity({ tableName: 'payment_attempts' })
export class PaymentAttempt {
  /** Our own id, made before the payment service is asked. Shown to clients is `paymentId`. */
  @PrimaryKey({ type: 'uuid' })
  id!: string;

  @ManyToOne(() => Order)
  order!: Rel<Order>;

  /** The pricing of the order that it pays. */
  @Property({ type: 'integer' })
  revision!: number;

  /** The payment service's id; null while it has not answered. */
  @Property({ type: 'text', nullable: true })
  paymentId!: string | null;

  @Field(() => CheckoutProvider, { nullable: true, description: 'Who takes the money; unknown for some events.' })
  @Property({ type: 'text', nullable: true })
  provider!: CheckoutProvider | null;

  @Field(() => String, { nullable: true, description: "The provider's own id." })
  @Property({ type: 'text', nullable: true })
  providerOrderId!: string | null;

  @Property({ type: 'text' })
  state!: AttemptStatus;

  @Property({ type: 'text', nullable: true })
  capture!: CaptureState | null;

  /** First seen on an order that had been restored, so it may be of an earlier pricing. */
  @Property({ type: 'boolean' })
  firstSeenRestored!: boolean;

  @Property({ type: 'bigint' })
  amountMinor!: bigint;

  @Property({ type: 'text' })
  currency!: string;

  /** What the provider gave to pay with. */
  @Property({ type: 'json', nullable: true })
  session!: ProviderSession | null;

  /** Where the buyer goes after paying; a repeated call must say the same. */
  @Property({ type: 'json', nullable: true })
  returnUrls!: ReturnUrls | null;

  @Field(() => GraphQLDateTime, { description: 'When it was started.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  startedAt!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When the payment service gives it up.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  expiresAt!: Date | null;

  /** Until then news of it are awaited: its life and a time of grace. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  deadline!: Date;

  /** When the buyer said it is finished; its result is awaited. */
  @Property({ type: 'datetime', columnType: 'timestamptz(3)', nullable: true })
  confirmedAt!: Date | null;

  @Field(() => GraphQLDateTime, { description: 'When it last changed.' })
  @Property({ type: 'datetime', columnType: 'timestamptz(3)' })
  updatedAt!: Date;

  @Field(() => Money, { description: 'The amount of the order it pays.' })
  get amount(): Money {
    return new Money(this.amountMinor, this.currency);
  }

  /** May still succeed. */
  isLive(now: Date): boolean {
    return (this.state === 'INTENT' || this.state === PaymentStatus.PENDING) && this.deadline > now;
  }

  /** News that do not let it rise change nothing. */
  rises(to: AttemptStatus): boolean {
    return attemptTransitions[this.state].includes(to);
  }

  /** Started for an earlier pricing, or not known to be of this one. */
  isOld(revision: number): boolean {
    return this.revision < revision || this.firstSeenRestored;
  }
}
