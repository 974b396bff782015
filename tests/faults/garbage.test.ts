import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import { Topic } from '../../src/messaging/topics.js';
import type { BusMessage } from '../../src/messaging/bus/bus.js';
import { startProduct, type Product } from '../e2e/support/product.js';
import { placeAndStart, SHOW } from '../e2e/support/purchase-steps.js';
import { eventually } from '../support/eventually.js';
import { canStartKafka, startKafka } from '../support/kafka.js';
import { testLog } from '../support/log.js';
import { redisUrl } from '../support/redis.js';
import { scaled } from '../support/scale.js';
import { readLog } from './support/kafka-log.js';

const redis = redisUrl();
const GARBAGE = scaled(10_000);
/** Of `dead-letters list`. */
const MOST_LISTED = 1_000;
const BUYERS = 20;
const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const TOPICS = [
  'payment.order.initiated.v1',
  'payment.order.succeeded.v1',
  'payment.order.failed.v1',
  'payment.order.timeout.v1',
  'payment.order.refunded.v1',
];

/** Anything but a message that can take effect: no JSON, no envelope, no payload, unknown orders. */
const nonsense = fc.oneof(
  fc.string(),
  fc.json(),
  fc
    .record({ eventId: fc.uuid(), payload: fc.dictionary(fc.string(), fc.jsonValue()) })
    .map((value) => JSON.stringify(value)),
  fc.record({ payload: fc.record({ orderId: fc.uuid(), paymentId: fc.uuid() }) }).map((value) => JSON.stringify(value)),
);

(canStartKafka() && redis ? describe : describe.skip)('given a broker full of garbage', () => {
  // A broker of its own: nothing but this test's messages is in its topics.
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let product: Product;

  beforeAll(async () => {
    kafka = await startKafka();
    product = await startProduct({
      KAFKA_BROKERS: kafka.brokers,
      REDIS_URL: redis ?? '',
      SAMPLE_STUDENTS: String(BUYERS),
    });
  }, 60_000);
  afterAll(async () => {
    await product.stop();
    await kafka.stop();
  }, 60_000);

  /** Waits until all have come back through Kafka, and have been said on the dead-letter topic. */
  const untilOpen = (count: number) =>
    eventually(
      () =>
        product.sql(`select (select count(*)::int from dead_letters where resolution is null) as open,
        (select count(*)::int from outbox) as waiting`),
      ([row]) => row?.open === count && row.waiting === 0,
      { limitMs: 120_000, everyMs: 200 },
    );
  const command = async (...words: string[]) => {
    const env = { ...process.env, DATABASE_URL: product.laptop.config.DATABASE_URL };
    const args = ['run', '--silent', 'dead-letters', '--', ...words];
    return (await promisify(execFile)('npm', args, { env, maxBuffer: 10_000_000 })).stdout;
  };
  const deadLetterTopic = async () =>
    (await readLog(kafka.brokers.split(','), [Topic.DEAD_LETTERS])).map(({ value }) => JSON.parse(value) as DeadLetter);

  it('when good messages come among it, then all of them take effect and all garbage is a dead letter with its origin', async () => {
    const buyers = product.laptop.sample.users
      .filter(({ roles, status }) => roles.includes('student') && status !== 'blocked')
      .slice(0, BUYERS);
    const bus = createKafkaBus({
      brokers: kafka.brokers.split(','),
      clientId: 'garbage',
      partitions: 3,
      log: testLog(),
    });
    const publisher = bus.publisher();
    const garbage = fc.sample(nonsense, { numRuns: GARBAGE, seed: 42 });
    const send = async () => {
      for (let i = 0; i < garbage.length; i += 250) {
        const batch = garbage
          .slice(i, i + 250)
          .map((value, k): BusMessage => ({ topic: TOPICS[k % TOPICS.length] ?? '', key: String(k), value }));
        await publisher.send(batch, 10_000);
      }
    };
    const purchase = async (id: string) => {
      const graph = await product.as(id);
      const { orderId, session } = await placeAndStart(graph, [COURSE]);
      await product.press('approve', session);
      // Behind thousands of bad messages in its topics, a good one takes longer than usual.
      const order = await eventually(
        async () => (await graph.ask(SHOW, { id: orderId })).data.order,
        ({ fulfilment }) => fulfilment === 'FULFILLED',
        { limitMs: 120_000, everyMs: 200 },
      );
      return order.status;
    };
    const since = Date.now();
    const [statuses] = await Promise.all([Promise.all(buyers.map(({ id }) => purchase(id))), send()]);
    await eventually(
      () => product.sql<{ n: number }>('select count(*)::int as n from dead_letters'),
      ([row]) => row?.n === GARBAGE,
      { limitMs: 120_000, everyMs: 200 },
    );
    const ms = Date.now() - since;
    await eventually(
      () => product.sql('select 1 from outbox'),
      (rows) => rows.length === 0,
      { limitMs: 60_000 },
    );

    expect(statuses).toEqual(Array(buyers.length).fill('SUCCEEDED'));
    const [whole] = await product.sql(`select count(*)::int as n from dead_letters
      where reason <> '' and attempts >= 1 and topic like 'payment.order.%' and partition >= 0 and "offset" ~ '^[0-9]+$'`);
    expect(whole).toEqual({ n: GARBAGE });
    const letters = await product.sql<{ place: string }>(
      `select topic || '/' || partition || '/' || "offset" as place from dead_letters order by 1`,
    );
    expect((await deadLetterTopic()).map(placeOf).sort()).toEqual(letters.map(({ place }) => place).sort());
    await publisher.close();
    await bus.close();
    process.stdout.write(
      `garbage: ${GARBAGE} bad messages among ${buyers.length} purchases, all dead letters after ${ms} ms\n`,
    );
  }, 300_000);

  it('when an operator lists, replays and discards them, then all come back or are closed', async () => {
    const listed = (await command('list')).trim().split('\n');
    expect(listed).toHaveLength(Math.min(GARBAGE, MOST_LISTED));
    const id = listed[0]?.split(' ')[0] ?? '';
    expect(await command('replay', id)).toBe('replayed: 1\n');
    await untilOpen(GARBAGE);
    expect(await command('replay', 'all')).toBe(`replayed: ${GARBAGE}\n`);
    await untilOpen(GARBAGE);
    expect(await command('discard', 'all')).toBe(`discarded: ${GARBAGE}\n`);
    expect(await command('list')).toBe('');
    expect(await product.sql('select resolution, count(*)::int as n from dead_letters group by 1 order by 1')).toEqual([
      { resolution: 'discarded', n: GARBAGE },
      { resolution: 'replayed', n: GARBAGE + 1 },
    ]);
    expect(await deadLetterTopic()).toHaveLength(2 * GARBAGE + 1);
    process.stdout.write(`dead letters: ${GARBAGE + 1} replayed and all back, ${GARBAGE} discarded by the command\n`);
  }, 300_000);
});

interface DeadLetter {
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: string;
  readonly error: string;
  readonly attempts: number;
}

/** Where a dead letter came from. @throws Error where it does not say why, or how often it was tried */
function placeOf({ originalTopic, originalPartition, originalOffset, error, attempts }: DeadLetter): string {
  if (!error || attempts < 1) throw new Error(`a dead letter of ${originalTopic} without reason or attempts`);
  return `${originalTopic}/${originalPartition}/${originalOffset}`;
}
