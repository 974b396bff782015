import type { Environment } from './commands/environment.js';
import type { AccountGate } from './commands/user/account-gate.js';
import type { Config } from './config.js';
import { SagaKind } from './entities/saga.js';
import type { Bus } from './messaging/bus/bus.js';
import { Consumer } from './messaging/consumer.js';
import { ConsumerLag } from './messaging/consumer-lag.js';
import { noticeMessages } from './messaging/notices/notice-messages.js';
import { announceAgain, askForRefund } from './messaging/order-messages.js';
import { Relay } from './messaging/relay.js';
import { consumedTopics, paymentTopics } from './messaging/topics.js';
import type { HealthCheck } from './observability/health.js';
import type { Metrics } from './observability/metrics.js';
import type { DatabaseClock } from './persistence/database-clock.js';
import type { Ages } from './persistence/retention.js';
import { ExpirySweep } from './saga/expiry.js';
import { Housekeeping } from './saga/housekeeping.js';
import { NoticeSender } from './saga/notices.js';
import { createPaymentSaga } from './saga/payment.js';
import { createPurchaseSaga } from './saga/purchase.js';
import { createRefundSaga } from './saga/refund.js';
import { createBookingSaga } from './saga/session-booking.js';
import { SessionWatch } from './saga/session-watch.js';
import { SagaRunner } from './saga/runner.js';
import type { Broadcast } from './subscriptions/broadcast.js';
import type { LiveStreams } from './subscriptions/live-streams.js';

/** What the background work needs beside the commands' environment. */
export interface BackgroundParts {
  readonly bus: Bus;
  readonly metrics: Metrics;
  readonly clock: DatabaseClock;
  readonly streams: LiveStreams;
  /** Knows in this process which accounts are blocked. */
  readonly gate: AccountGate;
  /** Tells the other processes. */
  readonly blocked: Broadcast;
}

/** What a process does without being called: publish, consume, go on with sagas, expire, tell buyers, keep house. */
export interface BackgroundWork {
  readonly checks: readonly HealthCheck[];
  /** To be called after every commit. */
  wake(): void;
  /** Resolves when news are being consumed. */
  start(): Promise<void>;
  /** Takes nothing new; resolves when what is under way has ended. Messages are still published. */
  stop(): Promise<void>;
  /** Ends publishing, when nothing is written any more, and lets the shards go. */
  publishRest(): Promise<void>;
}

export function createBackgroundWork(config: Config, env: Environment, parts: BackgroundParts): BackgroundWork {
  const { bus, metrics, clock, streams, gate, blocked } = parts;
  const { fork, log } = env;
  const relay = new Relay(fork, bus, metrics, log);
  const usersBlocked = (userIds: readonly string[]) => {
    // Here at once, also while no hint can be carried.
    for (const userId of new Set(userIds)) gate.noteBlocked(userId);
    blocked.announce(userIds);
  };
  const consumer = new Consumer(env, bus, metrics, { usersBlocked });
  const lag = new ConsumerLag(bus, config.KAFKA_CONSUMER_GROUP, consumedTopics, {
    metrics,
    log,
    failureOf: (topic, partition) => consumer.failureOf(topic, partition),
  });
  const sagas = new SagaRunner(fork, sagaHandlers(env), clock, metrics, log);
  const expiry = new ExpirySweep(env, metrics, () => consumer.isHealthy() && lag.isCurrent(paymentTopics));
  const notices = new NoticeSender(env, (notice, now) => noticeMessages(notice, config.NOTICE_CHANNELS, now));
  const sessions = new SessionWatch(env);
  const housekeeping = new Housekeeping(env, clock, metrics, () => streams.size, agesOf(config));
  const loops = [sagas, expiry, sessions, notices, housekeeping, lag];
  return {
    checks: [
      { name: 'relay', required: false, check: () => relay.isHealthy() },
      { name: 'consumer', required: false, check: () => consumer.isHealthy() },
      { name: 'consumer_lag', required: false, check: () => lag.isCurrent(consumedTopics) },
      { name: 'partitions', required: false, check: () => partitionsState(lag) },
      { name: 'sagas', required: false, check: () => sagas.isHealthy() },
      { name: 'expiry', required: false, check: () => expiry.isHealthy() },
      { name: 'sessions', required: false, check: () => sessions.isHealthy() },
    ],
    wake() {
      relay.wake();
      sagas.wake();
    },
    async start() {
      for (const loop of [relay, ...loops]) loop.start();
      await consumer.start(config.KAFKA_CONSUMER_GROUP);
    },
    async stop() {
      await Promise.all([consumer.stop(), ...loops.map((loop) => loop.stop())]);
    },
    publishRest: () => relay.stop(),
  };
}

/** Names what does not get past its messages. */
function partitionsState(lag: ConsumerLag): true | string {
  const blocked = lag.blockedPartitions();
  if (blocked.length === 0) return true;
  return `blocked: ${blocked.map(({ topic, partition, offset }) => `${topic}/${partition} at ${offset}`).join(', ')}`;
}

function sagaHandlers(env: Environment) {
  return {
    [SagaKind.PURCHASE]: createPurchaseSaga(env, announceAgain),
    [SagaKind.PAYMENT]: createPaymentSaga(env),
    [SagaKind.SESSION_BOOKING]: createBookingSaga(env),
    [SagaKind.REFUND]: createRefundSaga(env, askForRefund),
  };
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function agesOf({ IDEMPOTENCY_HOURS: hours, INBOX_DAYS: inbox, DEAD_LETTER_DAYS: letters }: Config): Ages {
  return { requestsMs: hours * HOUR, inboxMs: inbox * DAY, deadLettersMs: letters * DAY };
}
