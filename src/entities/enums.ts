import { registerEnumType } from 'type-graphql';

export enum ProductKind {
  COURSE = 'COURSE',
  SESSION = 'SESSION',
}
registerEnumType(ProductKind, {
  name: 'ProductKind',
  description: 'What an item of an order is.',
  valuesConfig: { COURSE: { description: 'A course.' }, SESSION: { description: 'A seat in a live session.' } },
});

export enum OrderStatusReason {
  PAYMENT_DECLINED = 'PAYMENT_DECLINED',
  PAYMENT_CANCELLED = 'PAYMENT_CANCELLED',
  PAYMENT_TIMED_OUT = 'PAYMENT_TIMED_OUT',
  DEADLINE_PASSED = 'DEADLINE_PASSED',
  CANCELLED_BY_BUYER = 'CANCELLED_BY_BUYER',
  CANCELLED_BY_OPERATOR = 'CANCELLED_BY_OPERATOR',
  ACCOUNT_BLOCKED = 'ACCOUNT_BLOCKED',
  SUPERSEDED = 'SUPERSEDED',
  SESSION_CANCELLED = 'SESSION_CANCELLED',
  SEAT_GONE = 'SEAT_GONE',
}
registerEnumType(OrderStatusReason, {
  name: 'OrderStatusReason',
  description: 'Why an order or booking has its status.',
  valuesConfig: {
    PAYMENT_DECLINED: { description: 'The last payment was declined.' },
    PAYMENT_CANCELLED: { description: 'The last payment was abandoned.' },
    PAYMENT_TIMED_OUT: { description: 'The payment was not finished in its time.' },
    DEADLINE_PASSED: { description: 'It was not paid before its deadline.' },
    CANCELLED_BY_BUYER: { description: 'The buyer cancelled it.' },
    CANCELLED_BY_OPERATOR: { description: 'An operator cancelled it.' },
    ACCOUNT_BLOCKED: { description: "The buyer's account was blocked." },
    SUPERSEDED: { description: 'Another order of the same product was paid.' },
    SESSION_CANCELLED: { description: 'The live session was cancelled.' },
    SEAT_GONE: { description: 'No seat was left when the money came.' },
  },
});

export enum FulfilmentStatus {
  NOT_STARTED = 'NOT_STARTED',
  IN_PROGRESS = 'IN_PROGRESS',
  FULFILLED = 'FULFILLED',
  STUCK = 'STUCK',
  REVOKED = 'REVOKED',
}
registerEnumType(FulfilmentStatus, {
  name: 'FulfilmentStatus',
  description: 'How far the delivery of what was bought is.',
  valuesConfig: {
    NOT_STARTED: { description: 'Nothing is delivered before payment.' },
    IN_PROGRESS: { description: 'Paid; the enrolment is awaited.' },
    FULFILLED: { description: 'The buyer has it.' },
    STUCK: { description: 'The enrolment did not come; an operator is needed.' },
    REVOKED: { description: 'Given back after a refund.' },
  },
});

export enum CheckoutProvider {
  STRIPE = 'STRIPE',
  RAZORPAY = 'RAZORPAY',
  PAYPAL = 'PAYPAL',
}
registerEnumType(CheckoutProvider, {
  name: 'CheckoutProvider',
  description: 'Who takes the money.',
  valuesConfig: {
    STRIPE: { description: 'Stripe Checkout: a page to be opened.' },
    RAZORPAY: { description: 'Razorpay: a widget, then confirmPayment with its proof.' },
    PAYPAL: { description: 'PayPal: a page to approve on, then confirmPayment.' },
  },
});

export enum PaymentStatus {
  PENDING = 'PENDING',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
}
registerEnumType(PaymentStatus, {
  name: 'PaymentStatus',
  description: 'State of one payment attempt.',
  valuesConfig: {
    PENDING: { description: 'Started, not ended.' },
    SUCCEEDED: { description: 'The money was captured.' },
    FAILED: { description: 'Declined.' },
    CANCELLED: { description: 'Abandoned.' },
    EXPIRED: { description: 'Not finished in its time.' },
  },
});

export enum RefundStatus {
  REQUESTED = 'REQUESTED',
  APPROVED = 'APPROVED',
  REJECTED = 'REJECTED',
  SUCCEEDED = 'SUCCEEDED',
  FAILED = 'FAILED',
}
registerEnumType(RefundStatus, {
  name: 'RefundStatus',
  description: 'How far a refund is.',
  valuesConfig: {
    REQUESTED: { description: 'Waits for a decision.' },
    APPROVED: { description: 'Decided; asked of the payment service.' },
    REJECTED: { description: 'Refused.' },
    SUCCEEDED: { description: 'The money was given back.' },
    FAILED: { description: 'The payment service could not give it back.' },
  },
});

export enum RefundReason {
  REQUESTED_BY_BUYER = 'REQUESTED_BY_BUYER',
  DUPLICATE_PAYMENT = 'DUPLICATE_PAYMENT',
  LATE_PAYMENT = 'LATE_PAYMENT',
  ALREADY_ENROLLED = 'ALREADY_ENROLLED',
  SEAT_GONE = 'SEAT_GONE',
  NOT_FULFILLED = 'NOT_FULFILLED',
  SESSION_CANCELLED = 'SESSION_CANCELLED',
  OVERPAID = 'OVERPAID',
  UNDERPAID = 'UNDERPAID',
  OPERATOR = 'OPERATOR',
}
registerEnumType(RefundReason, {
  name: 'RefundReason',
  description: 'Why money goes back.',
  valuesConfig: {
    REQUESTED_BY_BUYER: { description: 'The buyer asked for it.' },
    DUPLICATE_PAYMENT: { description: 'The order was paid twice.' },
    LATE_PAYMENT: { description: 'The money came after the order had ended.' },
    ALREADY_ENROLLED: { description: 'The buyer already had the course.' },
    SEAT_GONE: { description: 'No seat was left when the money came.' },
    NOT_FULFILLED: { description: 'What was paid could not be delivered.' },
    SESSION_CANCELLED: { description: 'The live session was cancelled.' },
    OVERPAID: { description: 'More was paid than the order costs: the difference goes back.' },
    UNDERPAID: { description: 'Less was paid than the order costs: the payment goes back.' },
    OPERATOR: { description: 'An operator decided it.' },
  },
});

export enum EventActor {
  BUYER = 'BUYER',
  OPERATOR = 'OPERATOR',
  PAYMENT_SERVICE = 'PAYMENT_SERVICE',
  COURSE_SERVICE = 'COURSE_SERVICE',
  SESSION_SERVICE = 'SESSION_SERVICE',
  SYSTEM = 'SYSTEM',
}
registerEnumType(EventActor, {
  name: 'EventActor',
  description: 'Who made an event happen.',
  valuesConfig: {
    BUYER: { description: 'The buyer.' },
    OPERATOR: { description: 'An operator.' },
    PAYMENT_SERVICE: { description: 'The payment service.' },
    COURSE_SERVICE: { description: 'The course service.' },
    SESSION_SERVICE: { description: 'The session service.' },
    SYSTEM: { description: 'The order service itself.' },
  },
});
