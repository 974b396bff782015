import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { Bus, BusMessage } from '../../../src/messaging/bus/bus.js';
import { eventually } from '../../support/eventually.js';
import { byKey, collect } from './collector.js';

const SEND_MS = 10_000;

/** What every implementation of the bus does. @param open makes another client of the same bus */
export function busContract(open: () => Bus): void {
  const buses: Bus[] = [];
  const newBus = (): Bus => {
    const bus = open();
    buses.push(bus);
    return bus;
  };
  const newTopic = async (bus: Bus): Promise<string> => {
    const topic = `contract.${randomUUID()}`;
    await bus.ensureTopics([topic]);
    return topic;
  };
  const numbered = (topic: string, keys: readonly string[], from: number, to: number): BusMessage[] =>
    Array.from({ length: to - from }, (_, n) => keys.map((key) => ({ topic, key, value: String(from + n) }))).flat();
  const values = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
  });

  test('messages of one key arrive in the order they were sent, over several sends', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    const publisher = bus.publisher();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic], maxBatch: 7 });
    for (let from = 0; from < 100; from += 20) await publisher.send(numbered(topic, keys, from, from + 20), SEND_MS);
    await eventually(
      () => received.length,
      (length) => length === 500,
    );
    expect(byKey(received)).toEqual(Object.fromEntries(keys.map((key) => [key, values(0, 100)])));
  });

  test('one batch holds messages of one partition, at most maxBatch, with growing offsets', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    await bus.publisher().send(numbered(topic, ['a', 'b', 'c', 'd'], 0, 10), SEND_MS);
    const batches: { size: number; places: number; isGrowing: boolean }[] = [];
    const before = async (batch: readonly { partition: number; offset: string }[]) => {
      const offsets = batch.map(({ offset }) => BigInt(offset));
      const isGrowing = offsets.every((offset, n) => n === 0 || offset > (offsets[n - 1] as bigint));
      batches.push({ size: batch.length, places: new Set(batch.map(({ partition }) => partition)).size, isGrowing });
    };
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic], maxBatch: 3, before });
    await eventually(
      () => received.length,
      (length) => length === 40,
    );
    expect(batches.every(({ size, places, isGrowing }) => size <= 3 && places === 1 && isGrowing)).toBe(true);
  });

  test('lag tells how much of each partition a group has still to read, of a new group everything', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    const [group, newGroup] = [randomUUID(), randomUUID()];
    const waiting = async (of: string) =>
      (await bus.lag(of, [topic])).reduce((sum, { end, next }) => sum + Number(end - next), 0);
    const publisher = bus.publisher();
    await publisher.send(numbered(topic, ['a', 'b', 'c', 'd'], 0, 10), SEND_MS);
    const { received, consumption } = await collect(bus, { group, topics: [topic] });
    await eventually(
      () => waiting(group),
      (count) => count === 0 && received.length === 40,
    );
    await consumption.stop();
    await publisher.send(numbered(topic, ['a', 'b'], 10, 13), SEND_MS);
    expect([await waiting(group), await waiting(newGroup)]).toEqual([6, 46]);
  });

  test('a consumer tells when it has joined its group', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    let joins = 0;
    const consumption = await bus.consume({
      group: randomUUID(),
      topics: [topic],
      handle: async () => undefined,
      onJoined: () => joins++,
    });
    expect(joins).toBe(1);
    await consumption.stop();
  });

  test('headers, unicode and large values survive', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    const message = {
      topic,
      key: 'Schlüssel-ключ-鍵-🔑',
      value: JSON.stringify({ text: 'naïve – 漢字 – 👩🏽‍🎓', escaped: '\u0000\u001f', big: 'x'.repeat(200_000) }),
      headers: { 'x-correlation-id': 'ü-✓', empty: '' },
    };
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic] });
    await bus.publisher().send([message], SEND_MS);
    await eventually(
      () => received.length,
      (length) => length === 1,
    );
    expect(received[0]).toMatchObject(message);
  });

  test('a batch whose handler failed is delivered again, in order, and nothing after it is lost', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    let failures = 0;
    const before = async () => {
      if (failures++ < 2) throw new Error('the database is away');
    };
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic], maxBatch: 4, before });
    await bus.publisher().send(numbered(topic, ['a'], 0, 10), SEND_MS);
    await eventually(
      () => received.length,
      (length) => length >= 10,
    );
    expect(byKey(received)).toEqual({ a: values(0, 10) });
    expect(failures).toBeGreaterThan(2);
  });

  test('a group goes on where it stopped; a new group starts at the earliest message', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    const publisher = bus.publisher();
    const group = randomUUID();
    const first = await collect(bus, { group, topics: [topic] });
    await publisher.send(numbered(topic, ['a'], 0, 5), SEND_MS);
    await eventually(
      () => first.received.length,
      (length) => length === 5,
    );
    await first.consumption.stop();
    expect(first.consumption.isRunning()).toBe(false);
    await publisher.send(numbered(topic, ['a'], 5, 9), SEND_MS);
    const second = await collect(newBus(), { group, topics: [topic] });
    const fresh = await collect(bus, { group: randomUUID(), topics: [topic] });
    await eventually(() => second.received.length >= 4 && fresh.received.length >= 9);
    expect(byKey(second.received)).toEqual({ a: values(5, 9) });
    expect(byKey(fresh.received)).toEqual({ a: values(0, 9) });
  });

  test('two members of a group share the work: each message reaches one of them, order per key holds', async () => {
    const [one, two] = [newBus(), newBus()];
    const topic = await newTopic(one);
    const group = randomUUID();
    const keys = Array.from({ length: 12 }, (_, n) => `key-${n}`);
    const members = await Promise.all([one, two].map((bus) => collect(bus, { group, topics: [topic], maxBatch: 5 })));
    const all = () => members.flatMap(({ received }) => received);
    const publisher = one.publisher();
    // Members may still be settling who reads what: messages go out until both had some.
    let sent = 0;
    await eventually(
      async () => {
        await publisher.send(numbered(topic, keys, sent, sent + 10), SEND_MS);
        sent += 10;
        return members.every(({ received }) => received.length > 0);
      },
      Boolean,
      { limitMs: 20_000, everyMs: 50 },
    );
    await eventually(
      () => all().length,
      (length) => length >= sent * keys.length,
      { limitMs: 20_000 },
    );
    const distinct = new Set(all().map(({ partition, offset }) => `${partition}/${offset}`));
    expect(distinct.size).toBe(sent * keys.length);
    for (const { received } of members) {
      for (const seen of Object.values(byKey(received))) {
        expect(seen.map(Number)).toEqual(seen.map(Number).sort((a, b) => a - b));
      }
    }
  });

  test('a member that stops leaves its part to the other', async () => {
    const [one, two] = [newBus(), newBus()];
    const topic = await newTopic(one);
    const group = randomUUID();
    const stays = await collect(one, { group, topics: [topic] });
    const leaves = await collect(two, { group, topics: [topic] });
    await leaves.consumption.stop();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await one.publisher().send(numbered(topic, keys, 0, 5), SEND_MS);
    await eventually(
      () => stays.received.length,
      (length) => length === 30,
      { limitMs: 20_000 },
    );
    expect(leaves.received).toHaveLength(0);
  });

  test('stop ends after the batch under way, tells the handler, and keeps what it finished', async () => {
    const bus = newBus();
    const topic = await newTopic(bus);
    const group = randomUUID();
    let wasTold = false;
    let isUnderWay = false;
    const before = async (_: unknown, signal: AbortSignal) => {
      isUnderWay = true;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      wasTold = true;
    };
    const { received, consumption } = await collect(bus, { group, topics: [topic], maxBatch: 2, before });
    await bus.publisher().send(numbered(topic, ['a'], 0, 5), SEND_MS);
    await eventually(() => isUnderWay);
    await consumption.stop();
    expect({ wasTold, values: received.map(({ value }) => value) }).toEqual({ wasTold: true, values: ['0', '1'] });
    const next = await collect(bus, { group, topics: [topic] });
    await eventually(
      () => next.received.length,
      (length) => length >= 3,
    );
    expect(byKey(next.received)).toEqual({ a: values(2, 5) });
  });

  test('a group reads several topics; topics that exist are left as they are', async () => {
    const bus = newBus();
    const topics = [await newTopic(bus), await newTopic(bus)];
    await bus.publisher().send(
      topics.map((topic) => ({ topic, key: 'k', value: topic })),
      SEND_MS,
    );
    await bus.ensureTopics(topics);
    const { received } = await collect(bus, { group: randomUUID(), topics });
    await eventually(
      () => received.length,
      (length) => length === 2,
    );
    expect(received.map(({ topic, value }) => topic === value)).toEqual([true, true]);
    await bus.ping();
  });

  test('sending nothing is no error', async () => {
    await expect(newBus().publisher().send([], SEND_MS)).resolves.toBeUndefined();
  });
}
