import { randomUUID } from 'node:crypto';
import type { BusMessage } from '../../src/messaging/bus/bus.js';

export const TOPIC_PAYMENT_INITIATED = 'payment.order.initiated.v1';
export const TOPIC_PAYMENT_SUCCEEDED = 'payment.order.succeeded.v1';
export const TOPIC_PAYMENT_FAILED = 'payment.order.failed.v1';
export const TOPIC_PAYMENT_TIMEOUT = 'payment.order.timeout.v1';
export const TOPIC_ORDER_SUCCEEDED = 'order.course.succeeded.v1';
export const TOPIC_ENROLMENT_CREATED = 'course.enrollment.created.v1';
export const TOPIC_REFUND_REQUESTED = 'payment.refund.requested.v1';
export const TOPIC_PAYMENT_REFUNDED = 'payment.order.refunded.v1';
export const TOPIC_IN_APP = 'notification.channel.in-app.v1';
export const TOPIC_SESSION_CANCELLED = 'session.cancelled.v1';

/** Every topic that the stand-ins write or read. */
export const TOPICS = [
  TOPIC_PAYMENT_INITIATED,
  TOPIC_PAYMENT_SUCCEEDED,
  TOPIC_PAYMENT_FAILED,
  TOPIC_PAYMENT_TIMEOUT,
  TOPIC_ORDER_SUCCEEDED,
  TOPIC_ENROLMENT_CREATED,
  TOPIC_IN_APP,
  TOPIC_REFUND_REQUESTED,
  TOPIC_PAYMENT_REFUNDED,
  TOPIC_SESSION_CANCELLED,
];

export interface Event {
  readonly topic: string;
  readonly key: string;
  readonly eventType: string;
  /** Absent where the platform leaves it out. */
  readonly source?: string;
  readonly payload: object;
}

/** Wraps an event in the platform's envelope. The services around the order service never write eventVersion. */
export function toMessage({ topic, key, eventType, source, payload }: Event): BusMessage {
  const envelope = { eventId: randomUUID(), eventType, timestamp: Date.now(), source, payload };
  return { topic, key, value: JSON.stringify(envelope) };
}
