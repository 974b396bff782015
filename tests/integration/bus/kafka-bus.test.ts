import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKafkaBus } from '../../../src/messaging/bus/kafka-bus.js';
import { eventually } from '../../support/eventually.js';
import { canStartKafka, kafkaBrokers, startKafka } from '../../support/kafka.js';
import type { KafkaBroker } from '../../support/kafka/broker.js';
import { testLog } from '../../support/log.js';
import { scaled } from '../../support/scale.js';
import { busContract } from './bus-contract.js';
import { collect } from './collector.js';
import { crashContract } from './crash-contract.js';

const STARTS = scaled(20);

const open = (brokers: readonly string[]) =>
  createKafkaBus({ brokers, clientId: 'orders-test', partitions: 3, log: testLog() });

(kafkaBrokers() ? describe : describe.skip)('the bus on Kafka', () => {
  busContract(() => open(kafkaBrokers() ?? []));
});

(canStartKafka() ? describe : describe.skip)('the bus on Kafka, when its broker fails', () => {
  let broker: KafkaBroker;
  beforeAll(async () => {
    broker = await startKafka();
  }, 120_000);
  afterAll(() => broker.stop());

  crashContract(() => ({
    open: () => open([broker.brokers]),
    kill: () => broker.kill(),
    restart: () => broker.restart(),
  }));

  test('a broker that has just started: topics are made and groups are joined at once', async () => {
    const group = randomUUID();
    for (let start = 0; start < STARTS; start++) {
      await broker.restart();
      const bus = open([broker.brokers]);
      const topics = Array.from({ length: 5 }, () => `fresh.${randomUUID()}`);
      await bus.ensureTopics(topics);
      const { received } = await collect(bus, { group, topics });
      const messages = topics.map((topic) => ({ topic, key: 'k', value: topic }));
      await bus.publisher().send(messages, 10_000);
      await eventually(() => received.length === topics.length);
      await bus.close();
    }
  }, 120_000);

  test('a hung broker: sending and pinging reject within their time', async () => {
    const bus = open([broker.brokers]);
    await bus.ensureTopics(['hung']);
    const publisher = bus.publisher();
    await publisher.send([{ topic: 'hung', key: 'k', value: '1' }], 10_000);
    broker.pause();
    const since = Date.now();
    await expect(publisher.send([{ topic: 'hung', key: 'k', value: '2' }], 1_000)).rejects.toThrow(
      'longer than 1000 ms',
    );
    await expect(bus.ping()).rejects.toThrow();
    expect(Date.now() - since).toBeLessThan(6_000);
    broker.resume();
    await publisher.send([{ topic: 'hung', key: 'k', value: '3' }], 20_000);
    await bus.close();
  });
});
