import { cancelOrdersOfBlocked } from '../commands/cancel-blocked.js';
import type { Environment } from '../commands/environment.js';
import { recordCourseNews, type CourseMessage } from '../commands/record-course-news.js';
import { recordEnrolments } from '../commands/record-enrolments.js';
import { recordPayments, type PaymentMessage } from '../commands/record-payments.js';
import { verifyPayments } from '../commands/payment/verify-payments.js';
import { recordCancelledSessions } from '../commands/record-cancelled-sessions.js';
import { recordRefunds } from '../commands/record-refunds.js';
import { readCorrelationId, readTraceparent, type RequestScope } from '../observability/correlation.js';
import type { InboxKey } from '../persistence/inbox.js';
import type { ReceivedMessage } from './bus/bus.js';
import {
  readBlockedUser,
  readCancelledSession,
  readCourseNews,
  readEnrolment,
  readEnvelope,
  readPayment,
  readRefund,
  type Incoming,
} from './envelope.js';
import { paymentTopics, Topic } from './topics.js';

/** What became of a message: a word for the metrics, or why it belongs with the dead letters. */
export type Outcome = string | { readonly rejected: string };

/** What is announced to other parts of the service when a batch has taken effect. */
export interface Announcements {
  /** The streams of these users are to end. */
  usersBlocked(userIds: readonly string[]): void;
}

/** A message that may take effect. */
export interface Understood {
  readonly inbox: InboxKey;
  /** What caused it: its own, although it is taken in together with others. */
  readonly scope?: RequestScope | undefined;
}

/** How the messages of a topic are read, and the command that takes them. */
export interface Taker<T extends Understood> {
  /** @throws BadMessage when it can never take effect */
  read(incoming: Incoming, inbox: InboxKey, now: Date): T;
  /** What has to be asked of others, once for each delivery, before the transaction: nothing is locked meanwhile. */
  prepare?(env: Environment, news: readonly T[]): Promise<readonly T[]>;
  /** Takes a batch in, in one transaction. @returns an outcome for each */
  record(env: Environment, news: readonly T[], announcements: Announcements): Promise<Outcome[]>;
}

/** The same without its type: `read` and `record` of one taker fit each other. */
type AnyTaker = Taker<Understood>;
const taker = <T extends Understood>(one: Taker<T>): AnyTaker => one as unknown as AnyTaker;

const payments = (topic: string) =>
  taker<PaymentMessage>({
    read: (incoming, inbox, now) => ({ inbox, ...readPayment(topic, incoming, now) }),
    prepare: verifyPayments,
    record: recordPayments,
  });

const courses = (change: CourseMessage['change']) =>
  taker<CourseMessage>({
    read: (incoming, inbox) => ({ inbox, change, ...readCourseNews(incoming) }),
    record: recordCourseNews,
  });

const TAKERS: Readonly<Record<string, AnyTaker>> = {
  ...Object.fromEntries(paymentTopics.map((topic) => [topic, payments(topic)])),
  [Topic.PAYMENT_REFUNDED]: taker({
    read: (incoming, inbox) => ({ inbox, ...readRefund(incoming) }),
    record: recordRefunds,
  }),
  [Topic.ENROLMENT_CREATED]: taker({
    read: (incoming, inbox, now) => ({ inbox, ...readEnrolment(incoming, now) }),
    record: recordEnrolments,
  }),
  [Topic.COURSE_UPDATED]: courses('updated'),
  [Topic.COURSE_PUBLISHED]: courses('published'),
  [Topic.COURSE_UNPUBLISHED]: courses('unpublished'),
  [Topic.COURSE_DELETED]: courses('deleted'),
  [Topic.SESSION_CANCELLED]: taker({
    read: (incoming, inbox) => ({ inbox, ...readCancelledSession(incoming) }),
    record: recordCancelledSessions,
  }),
  [Topic.USER_BLOCKED]: taker({
    read: (incoming, inbox) => ({ inbox, ...readBlockedUser(incoming) }),
    async record(env, news, { usersBlocked }) {
      const outcomes = await cancelOrdersOfBlocked(env, news);
      // A repeat says nothing new: the user may have been unblocked since.
      usersBlocked(news.flatMap(({ userId }, i) => (outcomes[i] === 'applied' ? userId : [])));
      return outcomes;
    },
  }),
};

/** The taker of a topic. @throws Error for one that is not consumed */
export function takerOf(topic: string): AnyTaker {
  const found = TAKERS[topic];
  if (!found) throw new Error(`nobody takes messages of ${topic}`);
  return found;
}

/** Reads a message for its taker. @throws BadMessage when it can never take effect */
export function understand(message: ReceivedMessage, now: Date): Understood {
  const incoming = readEnvelope(message);
  const understood = takerOf(message.topic).read(incoming, { topic: message.topic, eventKey: incoming.eventKey }, now);
  return { ...understood, scope: scopeOf(message) };
}

/** The cause of a message: the correlation id of its headers where it is safe to store, else the place of the message. */
export function scopeOf({ headers, topic, partition, offset }: ReceivedMessage): RequestScope {
  const correlationId = readCorrelationId(headers['x-correlation-id']) ?? `${topic}:${partition}:${offset}`;
  return { correlationId, traceparent: readTraceparent(headers['traceparent']) };
}
