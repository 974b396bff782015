import type {
  BlockedReason,
  EventActor,
  FulfilmentStatus,
  OrderActionName,
  OrderEventType,
  OrderStatus,
  OrderStatusReason,
  PaymentStatus,
  RefundReason,
  RefundStatus,
  SessionBookingStatus,
} from '../generated/graphql';

/** What the values of the graph are called on the page. A value without a word does not compile. */
export const ORDER_STATUS: Readonly<Record<OrderStatus, string>> = {
  CREATED: 'Being placed',
  PENDING_PAYMENT: 'To be paid',
  PROCESSING: 'Payment under way',
  SUCCEEDED: 'Paid',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
  EXPIRED: 'Expired',
  REFUNDED: 'Refunded',
};

export const FULFILMENT: Readonly<Record<FulfilmentStatus, string>> = {
  NOT_STARTED: 'Not delivered yet',
  IN_PROGRESS: 'Being delivered',
  FULFILLED: 'Delivered',
  STUCK: 'Delivery is stuck: we are on it',
  REVOKED: 'Taken back',
};

export const PAYMENT_STATUS: Readonly<Record<PaymentStatus, string>> = {
  PENDING: 'Under way',
  SUCCEEDED: 'Paid',
  FAILED: 'Declined',
  CANCELLED: 'Cancelled',
  EXPIRED: 'Timed out',
};

export const REFUND_STATUS: Readonly<Record<RefundStatus, string>> = {
  REQUESTED: 'Asked for',
  APPROVED: 'Approved, on its way',
  REJECTED: 'Rejected',
  SUCCEEDED: 'Paid back',
  FAILED: 'Failed',
};

export const REFUND_REASON: Readonly<Record<RefundReason, string>> = {
  REQUESTED_BY_BUYER: 'asked for by the buyer',
  OPERATOR: 'given by an operator',
  NOT_FULFILLED: 'could not be delivered',
  ALREADY_ENROLLED: 'the course was already owned',
  DUPLICATE_PAYMENT: 'paid twice',
  LATE_PAYMENT: 'paid too late',
  SEAT_GONE: 'the seat was gone',
  SESSION_CANCELLED: 'the session was cancelled',
  OVERPAID: 'more was paid than the order costs',
  UNDERPAID: 'less was paid than the order costs',
};

export const STATUS_REASON: Readonly<Record<OrderStatusReason, string>> = {
  CANCELLED_BY_BUYER: 'cancelled by the buyer',
  CANCELLED_BY_OPERATOR: 'cancelled by an operator',
  DEADLINE_PASSED: 'not paid in time',
  PAYMENT_DECLINED: 'the payment was declined',
  PAYMENT_CANCELLED: 'the payment was cancelled',
  PAYMENT_TIMED_OUT: 'the payment timed out',
  ACCOUNT_BLOCKED: 'the account is blocked',
  SUPERSEDED: 'replaced by a newer one',
  SEAT_GONE: 'the seat was gone',
  SESSION_CANCELLED: 'the session was cancelled',
};

export const BLOCKED: Readonly<Record<BlockedReason, string>> = {
  NOT_OWNER: 'Only the buyer can do this.',
  WRONG_STATUS: 'Not possible in this state.',
  EXPIRED: 'The time to pay is over.',
  PAYMENT_IN_PROGRESS: 'A payment is under way.',
  NOTHING_TO_REFUND: 'There is nothing left to pay back.',
  REFUND_OPEN: 'A refund of this is already under way.',
  REFUND_WINDOW_CLOSED: 'The time for refunds is over.',
  CANCELLATION_WINDOW_CLOSED: 'The session begins too soon to cancel.',
  NOT_PRICED: 'There is nothing to pay.',
  SECOND_PERSON_NEEDED: 'You asked for this refund: another operator must approve it.',
  OWN_ORDER: 'You bought this order yourself: another operator must decide.',
};

export const ORDER_ACTION: Readonly<Record<OrderActionName, string>> = {
  PAY: 'Pay',
  CANCEL: 'Cancel the order',
  RESTORE: 'Restore',
  REQUEST_REFUND: 'Ask for a refund',
};

export const EVENT: Readonly<Record<OrderEventType, string>> = {
  PLACED: 'Placed',
  REPRICED: 'Priced anew',
  PAYMENT_REQUESTED: 'Payment asked for',
  PAYMENT_INITIATED: 'Payment started',
  PAYMENT_ATTACHED: 'Payment page ready',
  PAYMENT_CONFIRMED: 'Payment confirmed',
  PAYMENT_SUCCEEDED: 'Payment received',
  PAYMENT_FAILED: 'Payment declined',
  PAYMENT_CANCELLED: 'Payment cancelled',
  PAYMENT_EXPIRED: 'Payment timed out',
  SUCCEEDED: 'Paid',
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
  EXPIRED: 'Expired',
  RESTORED: 'Restored',
  ITEM_FULFILLED: 'Delivered',
  FULFILLED: 'All delivered',
  FULFILMENT_STUCK: 'Delivery got stuck',
  PAYMENT_REVIEWED: 'Payment checked',
  SAGA_RETRIED: 'Delivery tried again',
  REFUND_REQUESTED: 'Refund asked for',
  REFUND_APPROVED: 'Refund approved',
  REFUND_REJECTED: 'Refund rejected',
  REFUND_SUCCEEDED: 'Refund paid',
  REFUND_FAILED: 'Refund failed',
  REFUNDED: 'Refunded',
};

export const ACTOR: Readonly<Record<EventActor, string>> = {
  BUYER: 'buyer',
  OPERATOR: 'operator',
  SYSTEM: 'shop',
  PAYMENT_SERVICE: 'payment service',
  COURSE_SERVICE: 'course service',
  SESSION_SERVICE: 'session service',
};

export const BOOKING_STATUS: Readonly<Record<SessionBookingStatus, string>> = {
  PENDING: 'Held for you',
  CONFIRMED: 'Booked',
  CANCELLED: 'Cancelled',
  EXPIRED: 'Hold ended',
  COMPLETED: 'Attended',
};
