import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Environment } from '../../src/commands/environment.js';
import type { BusMessage, ConsumeOptions, ReceivedMessage } from '../../src/messaging/bus/bus.js';
import { Consumer } from '../../src/messaging/consumer.js';
import { consumedTopics } from '../../src/messaging/topics.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { eventually } from '../../tests/support/eventually.js';
import { paymentNews } from '../../tests/support/payment-news.js';
import { fillOrders } from '../support/bulk-orders.js';
import { openCommands } from '../support/commands.js';
import { compare } from '../support/compare.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { createInstantBus } from '../support/instant-bus.js';
import { kafkaSettings, withKafka, type BenchKafka } from '../support/kafka.js';
import { startProcessorTime, type Measured } from '../support/measure.js';
import { printMachine, printTable } from '../support/report.js';
import { recordWith } from './plain-sql.js';

const EVENTS = 2_000;
const ROUNDS = 7;
const WANTED = 1;
const BACKLOG = 50_000;
const PARTS = 10;
/** What the consumer gets from Kafka at most. */
const BATCH = 100;
const SEND_BATCH = 1_000;
const LIMIT = { limitMs: 600_000, everyMs: 50 };

export async function run(): Promise<void> {
  printMachine(`${databaseSettings}\n${kafkaSettings}`);
  await withDatabase((database) =>
    withPool(database.url, 2, async (pool) => {
      const { env, close } = await openCommands(database.url);
      await compareWithPlainSql(database, pool, env);
      await withKafka((kafka) => drainBacklog(kafka, pool, env));
      await close();
    }),
  );
}

const newOrders = (pool: pg.Pool, count: number) => fillOrders(pool, { count, buyers: count, paying: true });
const paid = (orderId: string): BusMessage =>
  paymentNews('succeeded', { orderId, paymentId: `payment of ${orderId}`, eventId: randomUUID(), key: orderId });

async function compareWithPlainSql(database: BenchDatabase, pool: pg.Pool, env: Environment): Promise<void> {
  const handle = await handlerOf(env);
  const side = (record: (ids: readonly string[]) => Promise<void>) => async () => {
    const ids = await newOrders(pool, EVENTS);
    const measured = await timed(database, () => record(ids));
    await expectPaid(pool, ids);
    return measured;
  };
  await compare({
    title: 'recording payments',
    baseline: ['plain pg, event by event', side((ids) => recordEach(pool, ids))],
    subject: ['consumer, in batches', side((ids) => handleAll(handle, ids))],
    wanted: WANTED,
    rounds: ROUNDS,
  });
}

/** What the bus would call, of a consumer that is started on a bus without messages. */
async function handlerOf(env: Environment): Promise<ConsumeOptions['handle']> {
  let handle: ConsumeOptions['handle'] | undefined;
  const bus = createInstantBus();
  const consume = (options: ConsumeOptions) => {
    handle = options.handle;
    return bus.consume(options);
  };
  await new Consumer(env, { ...bus, consume }, createMetrics()).start('bench');
  if (!handle) throw new Error('the consumer did not start');
  return handle;
}

async function handleAll(handle: ConsumeOptions['handle'], ids: readonly string[]): Promise<void> {
  const context = { heartbeat: async () => undefined, signal: new AbortController().signal };
  for (let from = 0; from < ids.length; from += BATCH) {
    const received = ids.slice(from, from + BATCH).map((id, n): ReceivedMessage => {
      return { headers: {}, ...paid(id), partition: 0, offset: String(from + n) };
    });
    await handle(received, context);
  }
}

async function recordEach(pool: pg.Pool, ids: readonly string[]): Promise<void> {
  const client = await pool.connect();
  for (const id of ids) await recordWith(client, id);
  client.release();
}

async function expectPaid(pool: pg.Pool, ids: readonly string[]): Promise<void> {
  const { rowCount } = await pool.query(`select 1 from orders where id = any($1) and status = 'SUCCEEDED'`, [ids]);
  if (rowCount !== ids.length) throw new Error(`${rowCount} of ${ids.length} orders are paid`);
}

async function timed(database: BenchDatabase, work: () => Promise<void>): Promise<Measured> {
  const stop = startProcessorTime({ database: database.pid });
  const began = performance.now();
  await work();
  return { perSecond: (EVENTS * 1_000) / (performance.now() - began), ...stop(EVENTS) };
}

/** Lets a consumer find a long backlog in Kafka, and prints how fast each part of it went. */
async function drainBacklog({ bus }: BenchKafka, pool: pg.Pool, env: Environment): Promise<void> {
  await bus.ensureTopics(consumedTopics);
  const ids = await newOrders(pool, BACKLOG);
  const publisher = bus.publisher();
  for (let from = 0; from < ids.length; from += SEND_BATCH) {
    await publisher.send(ids.slice(from, from + SEND_BATCH).map(paid), 10_000);
  }
  const reached: number[] = [];
  let handled = 0;
  const consume = (options: ConsumeOptions) =>
    bus.consume({
      ...options,
      handle: async (batch, context) => {
        if (handled === 0) reached.push(performance.now());
        await options.handle(batch, context);
        handled += batch.length;
        if (handled >= (reached.length * BACKLOG) / PARTS) reached.push(performance.now());
      },
    });
  const consumer = new Consumer(env, { ...bus, consume }, createMetrics());
  await consumer.start('bench');
  await eventually(() => handled >= BACKLOG, Boolean, LIMIT);
  await consumer.stop();
  await expectPaid(pool, ids);
  printRates(reached);
}

function printRates(reached: readonly number[]): void {
  const rates = reached.slice(1).map((at, part) => (BACKLOG / PARTS / (at - (reached[part] ?? at))) * 1_000);
  console.log(`a backlog of ${BACKLOG} events from Kafka: slowest tenth / fastest tenth ${ratio(rates)}`);
  printTable([
    ['tenth', ...rates.map((_, part) => String(part + 1))],
    ['events a second', ...rates.map((rate) => rate.toFixed(0))],
  ]);
}

const ratio = (rates: readonly number[]) => (Math.min(...rates) / Math.max(...rates)).toFixed(2);
