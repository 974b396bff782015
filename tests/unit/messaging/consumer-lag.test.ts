import { beforeEach, expect, test } from '@jest/globals';
import type { PartitionLag } from '../../../src/messaging/bus/bus.js';
import { ConsumerLag } from '../../../src/messaging/consumer-lag.js';
import type { Logger } from '../../../src/observability/log.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { testLog } from '../../support/log.js';

const TOPICS = ['payments', 'enrolments'];

let bus: Map<string, PartitionLag>;
let now: number;
let lag: ConsumerLag;
const metrics = createMetrics();

beforeEach(() => {
  now = 1_000;
  bus = new Map();
  const measured = { lag: async () => [...bus.values()] };
  lag = new ConsumerLag(measured, 'group', TOPICS, { metrics, log: testLog() }, () => now);
});

const put = (topic: string, end: number, next: number, partition = 0) =>
  bus.set(`${topic}/${partition}`, { topic, partition, end: BigInt(end), next: BigInt(next) });
const measureAfter = async (seconds: number) => {
  now += seconds * 1_000;
  await lag.measure();
  return lag.isCurrent(['payments']);
};

test('nothing is current before it was measured', () => {
  expect(lag.isCurrent([])).toBe(false);
});

test('at the first look, current is who has read everything', async () => {
  put('payments', 5, 5);
  expect(await measureAfter(0)).toBe(true);
  put('payments', 6, 5);
  expect(await measureAfter(5)).toBe(false);
});

test('under load, current is who has handled what was there ten seconds ago', async () => {
  put('payments', 0, 0);
  const seen = [];
  for (const [end, next] of [
    [100, 40],
    [200, 90],
    [300, 190],
    [400, 290],
    [500, 200],
    [600, 299],
  ] as const) {
    put('payments', end, next);
    seen.push(await measureAfter(5));
  }
  // Ten seconds ago the ends were: unknown, unknown, 100, 200, 300, 400.
  expect(seen).toEqual([false, false, true, true, false, false]);
});

test('one partition that is behind is enough; another topic does not matter', async () => {
  put('payments', 5, 5);
  put('enrolments', 9, 0);
  expect(await measureAfter(0)).toBe(true);
  expect(lag.isCurrent(TOPICS)).toBe(false);
  put('payments', 7, 6, 1);
  expect(await measureAfter(5)).toBe(false);
});

test('a bus that does not answer leaves nothing current until it does', async () => {
  put('payments', 5, 5);
  await measureAfter(0);
  const failing = new ConsumerLag(
    { lag: () => Promise.reject(new Error('away')) },
    'group',
    TOPICS,
    { metrics, log: testLog() },
    () => now,
  );
  await expect(failing.measure()).rejects.toThrow('away');
  expect(failing.isCurrent(['payments'])).toBe(false);
});

test('the metric counts what waits, by topic', async () => {
  put('payments', 7, 4);
  put('payments', 9, 2, 1);
  put('enrolments', 1, 1);
  await measureAfter(0);
  const { values } = await metrics.consumerLag.get();
  expect(values.map(({ labels, value }) => [labels.topic, value]).sort()).toEqual([
    ['enrolments', 0],
    ['payments', 10],
  ]);
});

test('a partition that has lag and does not advance for a minute is blocked, until it advances', async () => {
  put('payments', 10, 3);
  put('payments', 10, 10, 1);
  put('enrolments', 5, 1);
  await measureAfter(0);
  await measureAfter(59);
  expect(lag.blockedPartitions()).toEqual([]);
  put('payments', 20, 3);
  put('enrolments', 5, 2);
  await measureAfter(1);
  expect(lag.blockedPartitions()).toEqual([{ topic: 'payments', partition: 0, offset: 3n }]);
  const shown = await metrics.registry.getSingleMetricAsString('order_service_consumer_partition_blocked');
  expect(shown).toContain('{topic="payments",partition="0"} 1');
  put('payments', 20, 4);
  await measureAfter(5);
  expect(lag.blockedPartitions()).toEqual([]);
});

test('a blocked partition is logged once, with its offset and error', async () => {
  const lines: object[] = [];
  const log = Object.assign(Object.create(testLog()) as Logger, { error: (line: object) => lines.push(line) });
  const failureOf = (topic: string, partition: number) => new Error(`${topic}/${partition} fails`);
  const measured = { lag: async () => [...bus.values()] };
  lag = new ConsumerLag(measured, 'group', TOPICS, { metrics, log, failureOf }, () => now);
  put('payments', 10, 3);
  for (let i = 0; i < 30; i++) await measureAfter(5);
  expect(lines).toEqual([{ err: new Error('payments/0 fails'), topic: 'payments', partition: 0, offset: '3' }]);
});
