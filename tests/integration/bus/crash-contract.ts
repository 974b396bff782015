import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Bus, Publisher } from '../../../src/messaging/bus/bus.js';
import { eventually } from '../../support/eventually.js';
import { scaled } from '../../support/scale.js';
import { collect } from './collector.js';

const SEND_MS = 2_000;
const WAVES = scaled(10);
const LIMIT = { limitMs: 60_000 };

export interface Crashing {
  open(): Bus;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** Sends numbers one after another until told to stop, each until it is acknowledged. */
function sendOn(publisher: Publisher, topic: string): { acknowledged: number[]; stop(): Promise<void> } {
  const acknowledged: number[] = [];
  let isStopped = false;
  const loop = (async () => {
    for (let number = 0; !isStopped; number++) {
      await eventually(
        async () => {
          await publisher.send([{ topic, key: 'k', value: String(number) }], SEND_MS);
          acknowledged.push(number);
          return true;
        },
        Boolean,
        LIMIT,
      );
    }
  })();
  return {
    acknowledged,
    stop: async () => {
      isStopped = true;
      await loop;
    },
  };
}

/** What every implementation does when the server behind it is killed and comes back. */
export function crashContract(crashing: () => Crashing): void {
  test('kills lose nothing that was acknowledged; sending and reading go on by themselves, in order', async () => {
    const { open, kill, restart } = crashing();
    const bus = open();
    const topic = `crash.${randomUUID()}`;
    await bus.ensureTopics([topic]);
    const { received, consumption } = await collect(bus, { group: randomUUID(), topics: [topic] });
    const publisher = bus.publisher();
    const sender = sendOn(publisher, topic);
    for (let wave = 0; wave < WAVES; wave++) {
      const before = sender.acknowledged.length;
      await eventually(() => sender.acknowledged.length > before + 20, Boolean, LIMIT);
      await kill();
      await expect(bus.ping()).rejects.toThrow();
      await restart();
    }
    const after = sender.acknowledged.length;
    await eventually(() => sender.acknowledged.length > after, Boolean, LIMIT);
    await sender.stop();
    const isComplete = () => new Set(received.map(({ value }) => Number(value))).size >= sender.acknowledged.length;
    await eventually(isComplete, Boolean, LIMIT);
    await eventually(() => consumption.isRunning(), Boolean, LIMIT);
    const log = [...new Map(received.map(({ offset, value }) => [offset, Number(value)]))];
    const inOrder = log.sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
    expect(inOrder.filter((value, n) => value !== inOrder[n - 1])).toEqual(sender.acknowledged);
    await bus.close();
  }, 180_000);

  test('a bus that is away: sending rejects within its time, and works again later', async () => {
    const { open, kill, restart } = crashing();
    const bus = open();
    const topic = `away.${randomUUID()}`;
    await bus.ensureTopics([topic]);
    const publisher = bus.publisher();
    await publisher.send([{ topic, key: 'k', value: 'before' }], 10_000);
    await kill();
    const since = Date.now();
    await expect(publisher.send([{ topic, key: 'k', value: 'lost' }], SEND_MS)).rejects.toThrow();
    expect(Date.now() - since).toBeLessThan(SEND_MS + 1_000);
    await restart();
    await eventually(
      () => publisher.send([{ topic, key: 'k', value: 'after' }], SEND_MS).then(() => true),
      Boolean,
      LIMIT,
    );
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic] });
    await eventually(
      () => received.map(({ value }) => value),
      (seen) => seen.includes('after'),
      LIMIT,
    );
    expect(received[0]?.value).toBe('before');
    await bus.close();
  }, 120_000);
}
