import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import type pg from 'pg';
import { Relay } from '../../src/messaging/relay.js';
import { publishedTopics } from '../../src/messaging/topics.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { eventually } from '../../tests/support/eventually.js';
import { testLog } from '../../tests/support/log.js';
import { openCommands } from '../support/commands.js';
import { compare } from '../support/compare.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { kafkaSettings, withKafka, type BenchKafka } from '../support/kafka.js';
import { percentile, startProcessorTime, type Measured } from '../support/measure.js';
import { median, printMachine } from '../support/report.js';
import { fillOutbox, messageOf } from './outbox-rows.js';
import { watchedBus } from './watched-bus.js';

const EVENTS = 20_000;
const BATCH = 500;
const ROUNDS = 7;
const WANTED = 0.7;
const PACED_MS = 10_000;
const TICK_MS = 10;
const LIMIT = { limitMs: 60_000, everyMs: 5 };

/** The relay with what it is measured by. */
interface Stand {
  readonly database: BenchDatabase;
  readonly pool: pg.Pool;
  readonly relay: Relay;
  /** When Kafka acknowledged the message of a key, ms. */
  readonly acknowledged: Map<string, number>;
}

export async function run(): Promise<void> {
  printMachine(`${databaseSettings}\n${kafkaSettings}`);
  await withDatabase((database) =>
    withKafka((kafka) => withPool(database.url, 4, (pool) => measureRelay(database, kafka, pool))),
  );
}

async function measureRelay(database: BenchDatabase, kafka: BenchKafka, pool: pg.Pool): Promise<void> {
  await kafka.bus.ensureTopics(publishedTopics);
  const { env, close } = await openCommands(database.url);
  const acknowledged = new Map<string, number>();
  const bus = watchedBus(kafka.bus, (keys) => keys.forEach((key) => acknowledged.set(key, performance.now())));
  const relay = new Relay(env.fork, bus, createMetrics(), testLog());
  const stand = { database, pool, relay, acknowledged };
  relay.start();
  const rates: number[] = [];
  await withProducer(kafka.brokers, (send) =>
    compare({
      title: `publishing ${EVENTS} events`,
      baseline: ['kafkajs alone', () => sendAll(send, database)],
      subject: [
        'relay',
        async () => {
          const measured = await drain(stand);
          rates.push(measured.perSecond);
          return measured;
        },
      ],
      wanted: WANTED,
      rounds: ROUNDS,
    }),
  );
  await printDelay(stand, median(rates) / 2);
  await relay.stop();
  await close();
}

type Send = (messages: readonly ReturnType<typeof messageOf>[]) => Promise<void>;

/** What the relay's own publisher does, by kafkajs alone. */
async function withProducer(brokers: string, work: (send: Send) => Promise<void>): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [brokers], clientId: 'alone', logLevel: kafkajs.logLevel.ERROR });
  const createPartitioner = kafkajs.Partitioners.DefaultPartitioner;
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner });
  await producer.connect();
  await work(async (messages) => {
    const [topic = ''] = messages.map((message) => message.topic);
    await producer.sendBatch({ acks: -1, topicMessages: [{ topic, messages: [...messages] }] });
  });
  await producer.disconnect();
}

async function sendAll(send: Send, database: BenchDatabase): Promise<Measured> {
  const batches = Array.from({ length: EVENTS / BATCH }, () =>
    Array.from({ length: BATCH }, () => messageOf(randomUUID())),
  );
  return timed(database, async () => {
    for (const batch of batches) await send(batch);
  });
}

/** Lets the relay publish a backlog, from the commit of its rows until Kafka has all and the outbox is empty. */
async function drain(stand: Stand): Promise<Measured> {
  stand.acknowledged.clear();
  await fillOutbox(stand.pool, EVENTS);
  return timed(stand.database, async () => {
    stand.relay.wake();
    await untilPublished(stand, EVENTS);
  });
}

async function untilPublished({ acknowledged, pool }: Stand, count: number): Promise<void> {
  await eventually(
    () => acknowledged.size,
    (size) => size >= count,
    LIMIT,
  );
  const left = async () => (await pool.query('select 1 from outbox limit 1')).rowCount;
  await eventually(left, (rows) => rows === 0, LIMIT);
}

async function timed(database: BenchDatabase, work: () => Promise<void>): Promise<Measured> {
  const stop = startProcessorTime({ database: database.pid });
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  return { perSecond: (EVENTS * 1_000) / ms, ...stop(EVENTS) };
}

/** Time from the commit of a message to Kafka's acknowledgement, while messages come at a steady rate. */
async function printDelay(stand: Stand, perSecond: number): Promise<void> {
  const { pool, relay, acknowledged } = stand;
  acknowledged.clear();
  const committed = new Map<string, number>();
  const began = performance.now();
  for (let due = TICK_MS; due <= PACED_MS; due += TICK_MS) {
    const count = Math.round((due * perSecond) / 1_000) - committed.size;
    const keys = await fillOutbox(pool, count);
    keys.forEach((key) => committed.set(key, performance.now()));
    relay.wake();
    await new Promise((resolve) => setTimeout(resolve, began + due - performance.now()));
  }
  const rate = committed.size / ((performance.now() - began) / 1_000);
  await untilPublished(stand, committed.size);
  const delays = [...committed].map(([key, at]) => (acknowledged.get(key) ?? Number.NaN) - at);
  const [p50, p99] = [percentile(delays, 0.5), percentile(delays, 0.99)].map((ms) => ms.toFixed(1));
  console.log(`commit to Kafka at ${rate.toFixed(0)} events a second: p50 ${p50} ms, p99 ${p99} ms\n`);
}
