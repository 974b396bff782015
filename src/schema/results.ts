import { createUnionType, Field, ObjectType, type ClassType } from 'type-graphql';
import {
  AlreadyEnrolled,
  CouponRejected,
  CourseUnavailable,
  MixedCurrencies,
  OpenOrderExists,
  OwnCourse,
} from '../entities/cart-refusals.js';
import { CheckoutProvider } from '../entities/enums.js';
import { Money } from '../entities/money.js';
import { Order } from '../entities/order.js';
import { TotalNotPayable } from '../entities/payment/amount-errors.js';
import { PaymentAttempt } from '../entities/payment-attempt.js';
import type { ProviderSession } from '../entities/provider-session.js';
import {
  AccountBlocked,
  ActionNotAllowed,
  IdempotencyConflict,
  InvalidInput,
  NotFound,
  PaymentRefused,
  ServiceUnavailable,
  VersionConflict,
} from '../entities/refusals.js';

@ObjectType({ description: 'What Stripe needs.' })
export class StripeSession {
  @Field(() => String, { description: 'Stripe’s session id.' })
  sessionId!: string;

  @Field(() => String, { description: 'Stripe’s public key.' })
  publicKey!: string;

  @Field(() => String, { description: 'The page to open.' })
  url!: string;

  @Field(() => Money, { description: 'What Stripe charges, which may be converted from the order’s currency.' })
  amount!: Money;
}

@ObjectType({ description: 'What Razorpay needs.' })
export class RazorpaySession {
  @Field(() => String, { description: 'Razorpay’s order id.' })
  orderId!: string;

  @Field(() => String, { description: 'Razorpay’s key id.' })
  keyId!: string;

  @Field(() => Money, { description: 'What Razorpay charges.' })
  amount!: Money;
}

@ObjectType({ description: 'What PayPal needs.' })
export class PayPalSession {
  @Field(() => String, { description: 'PayPal’s order id.' })
  orderId!: string;

  @Field(() => String, { description: 'The page to approve on.' })
  approvalLink!: string;

  @Field(() => Money, { description: 'What PayPal charges, which may be converted from the order’s currency.' })
  amount!: Money;
}

const sessionClass = {
  [CheckoutProvider.STRIPE]: StripeSession,
  [CheckoutProvider.RAZORPAY]: RazorpaySession,
  [CheckoutProvider.PAYPAL]: PayPalSession,
};

/** The session as the graph shows it. */
export function sessionView(session: ProviderSession): StripeSession | RazorpaySession | PayPalSession {
  const amount = new Money(BigInt(session.amount), session.currency);
  return Object.assign(new sessionClass[session.provider](), { ...session, amount });
}

export const PaymentSession = createUnionType({
  name: 'PaymentSession',
  description: 'What the front end needs to let the buyer pay.',
  types: () => [StripeSession, RazorpaySession, PayPalSession] as const,
});

@ObjectType({ description: 'The order was placed.' })
export class PlaceOrderSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => Boolean, { description: 'True when an earlier call with the same key placed it.' })
  replayed!: boolean;
}

@ObjectType({ description: 'The payment can be made.' })
export class StartPaymentSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => PaymentAttempt, { description: 'The payment.' })
  payment!: PaymentAttempt;

  @Field(() => PaymentSession, { description: 'What the front end needs to let the buyer pay.' })
  session!: StripeSession | RazorpaySession | PayPalSession;

  @Field(() => Boolean, { description: 'True when the payment was started before.' })
  replayed!: boolean;
}

@ObjectType({ description: 'The payment service knows that the buyer has finished; its event completes the order.' })
export class ConfirmPaymentSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => PaymentAttempt, { description: 'The payment.' })
  payment!: PaymentAttempt;

  @Field(() => Boolean, { description: 'True when it was confirmed before.' })
  replayed!: boolean;
}

@ObjectType({ description: 'The payment is abandoned.' })
export class CancelPaymentSuccess {
  @Field(() => Order, { description: 'The order.' })
  order!: Order;

  @Field(() => PaymentAttempt, { description: 'The payment.' })
  payment!: PaymentAttempt;
}

function result<const T extends readonly ClassType[]>(name: string, description: string, types: T) {
  return createUnionType({ name, description, types: () => types });
}

export const PlaceOrderResult = result('PlaceOrderResult', 'The order, or why it was not placed.', [
  PlaceOrderSuccess,
  InvalidInput,
  CourseUnavailable,
  AlreadyEnrolled,
  OwnCourse,
  OpenOrderExists,
  CouponRejected,
  TotalNotPayable,
  MixedCurrencies,
  IdempotencyConflict,
  AccountBlocked,
  ServiceUnavailable,
]);

export const StartPaymentResult = result('StartPaymentResult', 'The payment, or why it was not started.', [
  StartPaymentSuccess,
  InvalidInput,
  NotFound,
  ActionNotAllowed,
  VersionConflict,
  IdempotencyConflict,
  PaymentRefused,
  AccountBlocked,
  ServiceUnavailable,
]);

export const ConfirmPaymentResult = result('ConfirmPaymentResult', 'The payment, or why it was not confirmed.', [
  ConfirmPaymentSuccess,
  InvalidInput,
  NotFound,
  ActionNotAllowed,
  IdempotencyConflict,
  PaymentRefused,
  ServiceUnavailable,
  AccountBlocked,
]);

export const CancelPaymentResult = result('CancelPaymentResult', 'The payment, or why it was not abandoned.', [
  CancelPaymentSuccess,
  InvalidInput,
  NotFound,
  ActionNotAllowed,
  ServiceUnavailable,
  AccountBlocked,
]);
