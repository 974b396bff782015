import { buildSubgraph, type Subgraph } from '../schema/build-schema.js';
import { BookingLifeResolver } from './booking-life-resolver.js';
import { BookingResolver } from './booking-resolver.js';
import { BookingSubscriptionResolver } from './booking-subscription-resolver.js';
import {
  AlreadyEnrolledResolver,
  CourseResolver,
  OwnCourseResolver,
  UnavailableCourseResolver,
} from './course-resolver.js';
import {
  OrderEventResolver,
  OrderItemResolver,
  OrderRefundResolver,
  PaymentAttemptResolver,
} from './order-part-resolvers.js';
import { OperatorResolver } from './operator-resolver.js';
import { OrderLifeResolver } from './order-life-resolver.js';
import { OrderResolver } from './order-resolver.js';
import { OrderSubscriptionResolver } from './order-subscription-resolver.js';
import { PaymentResolver } from './payment-resolver.js';
import { PlaceOrderResolver } from './place-order-resolver.js';
import { referenceResolvers } from './references.js';
import { SuspiciousPaymentResolver } from './payment/suspicious-payment-resolver.js';
import { RefundResolver } from './refund-resolver.js';
import { inOneSnapshot } from './shared/one-snapshot.js';
import { SessionResolver } from './session-resolver.js';
import { UserResolver } from './user-resolver.js';

/** The whole subgraph. */
export function ordersSubgraph(): Subgraph {
  return buildSubgraph(
    [
      OrderResolver,
      OrderItemResolver,
      PaymentAttemptResolver,
      OrderRefundResolver,
      OrderEventResolver,
      UserResolver,
      CourseResolver,
      UnavailableCourseResolver,
      AlreadyEnrolledResolver,
      OwnCourseResolver,
      SessionResolver,
      BookingResolver,
      BookingLifeResolver,
      BookingSubscriptionResolver,
      PlaceOrderResolver,
      OrderLifeResolver,
      RefundResolver,
      OperatorResolver,
      PaymentResolver,
      SuspiciousPaymentResolver,
      OrderSubscriptionResolver,
    ],
    referenceResolvers,
    inOneSnapshot,
  );
}
