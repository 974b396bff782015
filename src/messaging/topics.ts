/** Topics of the platform that this service takes part in. Names are the platform's. */
export const Topic = {
  ORDER_CREATED: 'order.course.created.v1',
  ORDER_SUCCEEDED: 'order.course.succeeded.v1',
  ORDER_FAILED: 'order.course.failed.v1',
  ORDER_EXPIRED: 'order.course.expired.v1',
  ORDER_CANCELLED: 'order.course.cancelled.v1',
  ORDER_REFUNDED: 'order.course.refunded.v1',
  REFUND_REQUESTED: 'payment.refund.requested.v1',
  BOOKING_CREATED: 'session.booking.created.v1',
  BOOKING_CONFIRMED: 'session.booking.confirmed.v1',
  BOOKING_CANCELLED: 'session.booking.cancelled.v1',
  BOOKING_EXPIRED: 'session.booking.expired.v1',
  BOOKING_COMPLETED: 'session.booking.completed.v1',
  DEAD_LETTERS: 'order-service.events.dlq',
  PAYMENT_INITIATED: 'payment.order.initiated.v1',
  PAYMENT_SUCCEEDED: 'payment.order.succeeded.v1',
  PAYMENT_FAILED: 'payment.order.failed.v1',
  PAYMENT_TIMEOUT: 'payment.order.timeout.v1',
  PAYMENT_REFUNDED: 'payment.order.refunded.v1',
  ENROLMENT_CREATED: 'course.enrollment.created.v1',
  COURSE_UPDATED: 'course.updated.v1',
  COURSE_PUBLISHED: 'course.published.v1',
  COURSE_UNPUBLISHED: 'course.unpublished.v1',
  COURSE_DELETED: 'course.deleted.v1',
  SESSION_CANCELLED: 'session.cancelled.v1',
  USER_BLOCKED: 'user.account.blocked.v1',
  NOTICE_EMAIL: 'notification.channel.email.v1',
  NOTICE_IN_APP: 'notification.channel.in-app.v1',
} as const;

/** What the relay publishes. */
export const publishedTopics = [
  Topic.ORDER_CREATED,
  Topic.ORDER_SUCCEEDED,
  Topic.ORDER_FAILED,
  Topic.ORDER_EXPIRED,
  Topic.ORDER_CANCELLED,
  Topic.ORDER_REFUNDED,
  Topic.REFUND_REQUESTED,
  Topic.BOOKING_CREATED,
  Topic.BOOKING_CONFIRMED,
  Topic.BOOKING_CANCELLED,
  Topic.BOOKING_EXPIRED,
  Topic.BOOKING_COMPLETED,
  Topic.NOTICE_EMAIL,
  Topic.NOTICE_IN_APP,
  Topic.DEAD_LETTERS,
] as const;

/** News of payments. */
export const paymentTopics = [
  Topic.PAYMENT_INITIATED,
  Topic.PAYMENT_SUCCEEDED,
  Topic.PAYMENT_FAILED,
  Topic.PAYMENT_TIMEOUT,
  Topic.PAYMENT_REFUNDED,
] as const;

/** What the consumer reads. */
export const consumedTopics = [
  ...paymentTopics,
  Topic.ENROLMENT_CREATED,
  Topic.COURSE_UPDATED,
  Topic.COURSE_PUBLISHED,
  Topic.COURSE_UNPUBLISHED,
  Topic.COURSE_DELETED,
  Topic.SESSION_CANCELLED,
  Topic.USER_BLOCKED,
] as const;
