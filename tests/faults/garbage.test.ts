import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import type { BusMessage } from '../../src/messaging/bus/bus.js';
import { startProduct, type Product } from '../e2e/support/product.js';
import { placeAndStart, SHOW } from '../e2e/support/purchase-steps.js';
import { eventually } from '../support/eventually.js';
import { canStartKafka, startKafka } from '../support/kafka.js';
import { testLog } from '../support/log.js';
import { redisUrl } from '../support/redis.js';
import { scaled } from '../support/scale.js';

const redis = redisUrl();
const GARBAGE = scaled(10_000);
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
    await publisher.close();
    await bus.close();
    process.stdout.write(
      `garbage: ${GARBAGE} bad messages among ${buyers.length} purchases, all dead letters after ${ms} ms\n`,
    );
  }, 300_000);
});
