import { GraphQLDateTime } from 'graphql-scalars';
import { Directive, Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { CheckoutProvider } from '../entities/enums.js';
import { OrderStatus } from '../entities/order-status.js';
import { OPERATORS } from './tags.js';

export enum OrderSort {
  NEWEST_FIRST = 'NEWEST_FIRST',
  OLDEST_FIRST = 'OLDEST_FIRST',
}
registerEnumType(OrderSort, {
  name: 'OrderSort',
  description: 'Order of a list of orders, by the time they were placed.',
  valuesConfig: { NEWEST_FIRST: { description: 'Newest first.' }, OLDEST_FIRST: { description: 'Oldest first.' } },
});

@InputType({ description: 'Which orders a list has.' })
export class OrderFilter {
  @Field(() => [OrderStatus], { nullable: true, description: 'Only these statuses.' })
  status?: OrderStatus[] | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Placed then or later.' })
  placedFrom?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Placed before then.' })
  placedTo?: Date | null;

  @Field(() => ID, { nullable: true, description: 'Only orders of this course.' })
  courseId?: string | null;

  @Directive(OPERATORS)
  @Field(() => ID, { nullable: true, description: 'Only orders of this user; for operators.' })
  userId?: string | null;

  @Field(() => OrderSort, { nullable: true, defaultValue: OrderSort.NEWEST_FIRST, description: 'Which come first.' })
  sort?: OrderSort | null;
}

@InputType({ description: 'What to order.' })
export class PlaceOrderInput {
  @Field(() => [ID], { description: 'The courses, each once.' })
  courseIds!: string[];

  @Field(() => String, { nullable: true, description: 'A coupon.' })
  couponCode?: string | null;

  @Field(() => String, { nullable: true, description: 'The same key for every try of one purchase.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'How to pay.' })
export class StartPaymentInput {
  @Field(() => ID, { description: 'The order.' })
  orderId!: string;

  @Field(() => CheckoutProvider, { description: 'Who takes the money.' })
  provider!: CheckoutProvider;

  @Field(() => String, { nullable: true, description: 'Where the browser goes after paying.' })
  successUrl?: string | null;

  @Field(() => String, { nullable: true, description: 'Where the browser goes after abandoning.' })
  cancelUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'Refuse if the order has another version.' })
  expectedVersion?: number | null;

  @Field(() => String, { nullable: true, description: 'The same key for every try of one payment.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'What Razorpay gave to the browser.' })
export class RazorpayProof {
  @Field(() => String, { description: 'Razorpay’s payment id.' })
  paymentId!: string;

  @Field(() => String, { description: 'Razorpay’s signature.' })
  signature!: string;
}

@InputType({ description: 'Which payment the buyer has finished.' })
export class ConfirmPaymentInput {
  @Field(() => ID, { description: 'The order.' })
  orderId!: string;

  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string;

  @Field(() => RazorpayProof, { nullable: true, description: 'Needed for Razorpay.' })
  razorpay?: RazorpayProof | null;

  @Field(() => String, { nullable: true, description: 'The same key for every try of one confirmation.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which payment to abandon.' })
export class CancelPaymentInput {
  @Field(() => ID, { description: 'The order.' })
  orderId!: string;

  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string;
}

@InputType({ description: 'Which order to cancel.' })
export class CancelOrderInput {
  @Field(() => ID, { description: 'The order.' })
  orderId!: string;

  @Field(() => String, { nullable: true, description: 'A remark, up to 500 characters.' })
  note?: string | null;

  @Field(() => Int, { nullable: true, description: 'Refuse if the order has another version.' })
  expectedVersion?: number | null;
}

@InputType({ description: 'Which order to make payable again.' })
export class RestoreOrderInput {
  @Field(() => ID, { description: 'The order.' })
  orderId!: string;

  @Field(() => String, { nullable: true, description: 'A coupon.' })
  couponCode?: string | null;

  @Field(() => Int, { nullable: true, description: 'Refuse if the order has another version.' })
  expectedVersion?: number | null;
}

@InputType({ description: 'What to give back.' })
export class RequestRefundInput {
  @Field(() => ID, { description: 'The order.' })
  orderId!: string;

  @Field(() => [ID], { nullable: true, description: 'Which items; without it everything that is left.' })
  itemIds?: string[] | null;

  @Field(() => String, { nullable: true, description: 'A remark, up to 500 characters.' })
  note?: string | null;

  @Field(() => String, { nullable: true, description: 'The same key for every try of one request.' })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Which refund to decide.' })
export class DecideRefundInput {
  @Field(() => ID, { description: 'The refund.' })
  refundId!: string;

  @Field(() => String, { nullable: true, description: 'A remark, up to 500 characters.' })
  note?: string | null;
}

@InputType({ description: 'How a refund ended.' })
export class SettleRefundInput {
  @Field(() => ID, { description: 'The refund.' })
  refundId!: string;

  @Field(() => Boolean, { description: 'True when the money was given back.' })
  succeeded!: boolean;

  @Field(() => String, { description: 'Where the settlement can be found.' })
  reference!: string;
}

@InputType({ description: 'Which saga to run again.' })
export class RetrySagaInput {
  @Field(() => ID, { description: 'The saga.' })
  sagaId!: string;
}
