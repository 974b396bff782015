import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import pg from 'pg';
import { pino } from 'pino';
import { signToken } from '../../../dev/sample/sign-token.js';
import { startApp, type App } from '../../../src/app.js';
import { LAPTOP_JWT_SECRET, loadConfig } from '../../../src/config.js';
import { createKafkaBus } from '../../../src/messaging/bus/kafka-bus.js';
import type { Bus } from '../../../src/messaging/bus/bus.js';
import { publishedTopics } from '../../../src/messaging/topics.js';
import { migrate } from '../../../src/persistence/migrate.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { startKafka } from '../../support/kafka.js';
import type { KafkaBroker } from '../../support/kafka/broker.js';
import { testLog } from '../../support/log.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { orderIn, orderServiceClient, type WireClient, type WireOrder } from '../../support/wire.js';
import { ActingServices } from './acting-services.js';

/** What the payment service says on each of its topics. */
const PAYMENT_STATUSES: Readonly<Record<string, string>> = {
  'payment.order.initiated.v1': 'pending',
  'payment.order.succeeded.v1': 'success',
  'payment.order.failed.v1': 'failed',
  'payment.order.timeout.v1': 'expired',
  'payment.order.refunded.v1': 'refunded',
};

/** A message as kafkajs alone sees it. */
export interface RawMessage {
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: {
    readonly eventId: string;
    readonly eventType: string;
    readonly payload: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
}

const LIMIT = { limitMs: 20_000 };

/** The order service beside a real Kafka and services that speak the platform's wire: whatever a test wants of them. */
export function platformStand(settings: Readonly<Record<string, string>> = {}) {
  let database: TestDatabase;
  let broker: KafkaBroker;
  let pool: pg.Pool;
  let bus: Bus;
  let app: App;
  let client: WireClient;
  let producer: Producer;
  let stopListening: () => Promise<void>;
  const services = new ActingServices();
  const heard: RawMessage[] = [];
  const logged: string[] = [];

  beforeAll(async () => {
    [database, broker] = await Promise.all([createDatabase(), startKafka()]);
    await services.start();
    await migrate(database.url, testLog());
    const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
    const config = loadConfig({
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      GRPC_PORT: '0',
      DATABASE_URL: database.url,
      USER_SERVICE_GRPC: services.address,
      COURSE_SERVICE_GRPC: services.address,
      PAYMENT_SERVICE_GRPC: services.address,
      JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET,
      GRPC_TRUST_NETWORK: 'true',
      SHUTDOWN_DELAY_MS: '0',
      ...settings,
    });
    bus = createKafkaBus({ brokers: [broker.brokers], clientId: 'orders', partitions: 3, log: testLog() });
    const kafka = new Kafka({ brokers: [broker.brokers], clientId: 'the-platform', logLevel: logLevel.NOTHING });
    producer = kafka.producer();
    await producer.connect();
    pool = new pg.Pool({ connectionString: database.url, max: 3 });
    app = await startApp(config, { bus, hints: createMemoryHints(), log });
    stopListening = await listen(kafka, heard);
    client = orderServiceClient(app.grpcPort);
  }, 180_000);
  afterAll(async () => {
    client.close();
    await stopListening();
    await producer.disconnect();
    await app.stop();
    await bus.close();
    services.stop();
    await pool.end();
    await Promise.all([database.drop(), broker.stop()]);
  }, 60_000);
  beforeEach(() => {
    services.answers = {};
    services.takeAsked();
  });

  const sql = async <T extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]> =>
    (await pool.query(text, values)).rows as T[];
  const call: WireClient['call'] = (...args) => client.call(...args);
  const show = async (order: Pick<WireOrder, 'id' | 'user_id'>) =>
    orderIn(await call('GetOrderById', { order_id: order.id, user_id: order.user_id }));

  return {
    services,
    heard,
    logged,
    sql,
    call,
    show,
    get app() {
      return app;
    },
    newBuyer: () => randomUUID(),
    /** Places by the gateway's call. @returns the order, or throws with the refusal */
    place: async (buyer: string, ...courses: readonly string[]) =>
      orderIn(
        await call('PlaceOrder', {
          user_id: buyer,
          course_ids: courses.map((name) => (services.courses.has(idOf(name)) ? idOf(name) : services.addCourse(name))),
        }),
      ),
    /** Says something on a topic, by kafkajs alone: byte for byte. */
    send: (topic: string, value: string, key = 'a user') => producer.send({ topic, messages: [{ key, value }] }),
    /** What the payment service says, in its own envelope. */
    say: (topic: string, order: Pick<WireOrder, 'id' | 'user_id'>, changes: object = {}, envelope: object = {}) => {
      const payload = {
        paymentId: `payment of ${order.id}`,
        orderId: order.id,
        userId: order.user_id,
        provider: 'stripe',
        providerOrderId: `cs_${order.id}`,
        paymentStatus: PAYMENT_STATUSES[topic],
        ...changes,
      };
      const fixed = { eventId: randomUUID(), eventType: 'x', timestamp: Date.now(), source: 'payment-service' };
      return producer.send({
        topic,
        messages: [{ key: order.user_id, value: JSON.stringify({ ...fixed, payload, ...envelope }) }],
      });
    },
    /** Waits until an order has a status. @returns it */
    until: (order: Pick<WireOrder, 'id' | 'user_id'>, status: string) =>
      eventually(
        () => show(order),
        (seen) => seen.status === status,
        LIMIT,
      ),
    /** Waits until so many messages of an order came on a topic. @returns them */
    messages: (topic: string, orderId: string, count = 1) =>
      eventually(
        () => heard.filter((one) => one.topic === topic && JSON.stringify(one.value).includes(orderId)),
        ({ length }) => length >= count,
        LIMIT,
      ),
    token: (userId: string, roles: readonly string[] = ['student']) =>
      signToken({ userId, roles, ttlSeconds: 60, secret: LAPTOP_JWT_SECRET }),
    /** Asks the graph. */
    graph: async (query: string, variables: object, token: string) => {
      const answer = await fetch(`${app.httpUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      });
      return ((await answer.json()) as { data: Record<string, never> }).data;
    },
  };
}

/** Hears everything that the order service publishes. */
async function listen(kafka: Kafka, heard: RawMessage[]): Promise<() => Promise<void>> {
  const consumer = kafka.consumer({ groupId: 'the-platform', allowAutoTopicCreation: false });
  await consumer.connect();
  await consumer.subscribe({ topics: [...publishedTopics], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      heard.push({
        topic,
        key: message.key?.toString() ?? '',
        headers: Object.fromEntries(headers) as Record<string, string>,
        value: JSON.parse(message.value?.toString() ?? 'null') as RawMessage['value'],
      });
    },
  });
  return () => consumer.disconnect();
}
