import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCancelOrder } from '../../src/commands/cancel-order.js';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import { Relay } from '../../src/messaging/relay.js';
import { publishedTopics, Topic } from '../../src/messaging/topics.js';
import { createMetrics } from '../../src/observability/metrics.js';
import { eventually } from '../support/eventually.js';
import { idSequence } from '../support/ids.js';
import { canStartKafka, startKafka } from '../support/kafka.js';
import { testLog } from '../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../support/order-stand.js';
import { readLog } from './support/kafka-log.js';

const ORDERS = 30;
/** More than a broker takes in one message. */
const TOO_LARGE = 2_000_000;

(canStartKafka() ? describe : describe.skip)('given a message that Kafka will never take, among others', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let stand: OrderStand;

  beforeAll(async () => {
    [kafka, stand] = await Promise.all([startKafka(), openOrderStand()]);
  }, 60_000);
  afterAll(async () => {
    await stand.close();
    await kafka.stop();
  });

  test('when the outbox is published, then it alone becomes a dead letter, and all others are in the log', async () => {
    const nextBuyer = idSequence('refused');
    const orders = await Promise.all(Array.from({ length: ORDERS }, () => placeFor(stand, nextBuyer(), 'algebra')));
    const refused = orders[7] as (typeof orders)[number];
    await stand.sql(`update outbox set payload = repeat('x', $1) where aggregate_id = $2`, [TOO_LARGE, refused.id]);
    // What comes after it in its own order and shard must not wait for it.
    const cancelOrder = createCancelOrder(stand.env);
    await cancelOrder(
      { userId: refused.buyerId, isOperator: false },
      { orderId: refused.id, note: null, expectedVersion: null },
    );
    const bus = createKafkaBus({ brokers: [kafka.brokers], clientId: 'orders', partitions: 3, log: testLog() });
    await bus.ensureTopics(publishedTopics);
    const relay = new Relay(stand.fork, bus, createMetrics(), testLog());
    relay.start();
    await eventually(
      () => stand.sql('select 1 from outbox'),
      (rows) => rows.length === 0,
      { limitMs: 30_000 },
    );
    await relay.stop();
    await bus.close();

    const letters = await stand.sql('select topic, partition, attempts, reason from dead_letters');
    const reason = 'cannot be published: MESSAGE_TOO_LARGE';
    expect(letters).toEqual([{ topic: Topic.ORDER_CREATED, partition: -1, attempts: 1, reason }]);
    const log = await readLog([kafka.brokers], publishedTopics);
    const keysOf = (topic: string) => new Set(log.filter((one) => one.topic === topic).map(({ key }) => key));
    const others = orders.filter((order) => order !== refused).map(({ id }) => id);
    expect(keysOf(Topic.ORDER_CREATED)).toEqual(new Set(others));
    expect(keysOf(Topic.ORDER_CANCELLED)).toEqual(new Set([refused.id]));
    expect(log.filter(({ topic }) => topic === Topic.DEAD_LETTERS)).toHaveLength(1);
  }, 60_000);
});
