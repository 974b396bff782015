import type { BusMessage } from '../../src/messaging/bus/bus.js';
import { Topic } from '../../src/messaging/topics.js';
import { T0 } from './test-clock.js';

/** What the platform's services say, as their messages on the bus. */
const envelope = (eventId: string | undefined, payload: object): string =>
  JSON.stringify({ eventId, eventType: 'of no concern', timestamp: T0.getTime() + 1_000, payload });

interface PaymentNews {
  readonly orderId: string;
  readonly paymentId: string;
  readonly eventId?: string;
  readonly key?: string;
}

const TOPICS = {
  initiated: Topic.PAYMENT_INITIATED,
  succeeded: Topic.PAYMENT_SUCCEEDED,
  failed: Topic.PAYMENT_FAILED,
  cancelled: Topic.PAYMENT_FAILED,
  expired: Topic.PAYMENT_TIMEOUT,
} as const;

/** News of a payment as the payment service tells it: keyed by user, its id made from what it says unless given. */
export function paymentNews(kind: keyof typeof TOPICS, news: PaymentNews): BusMessage {
  const { orderId, paymentId, eventId = `${kind} ${paymentId}`, key = 'a user' } = news;
  const paymentStatus = kind === 'cancelled' ? 'cancelled' : undefined;
  const payload = { orderId, paymentId, provider: 'stripe', providerOrderId: `cs_${paymentId}`, paymentStatus };
  return { topic: TOPICS[kind], key, value: envelope(eventId, payload) };
}

/** The course service's confirmation of an enrolment. */
export function enrolmentNews(orderId: string, courseId: string, enrolledAt?: string): BusMessage {
  return {
    topic: Topic.ENROLMENT_CREATED,
    key: 'a user',
    value: envelope(`enrolled ${orderId} ${courseId}`, { orderId, courseId, userId: 'a user', enrolledAt }),
  };
}
