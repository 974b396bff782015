import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { Hints } from '../../../src/subscriptions/hints.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { createRedisHints } from '../../../src/subscriptions/redis-hints.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { placeFor } from '../../support/order-stand.js';
import { canStartRedis, startRedis } from '../../support/redis.js';
import { MINUTE } from '../../support/test-clock.js';
import { openStreamStand, type StreamStand } from './stream-stand.js';

/** Hints in memory that can be told to say that they were away. */
function breakableHints(): Hints & { reconnect(): void } {
  const listeners = new Set<() => void>();
  const onReconnect = (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { ...createMemoryHints(), onReconnect, reconnect: () => listeners.forEach((listener) => listener()) };
}

let hints: ReturnType<typeof breakableHints>;
let stand: StreamStand;
let order: Order;

beforeEach(async () => {
  // The regular reading is driven by the tests; everything else keeps real time.
  const real = ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] as const;
  jest.useFakeTimers({ doNotFake: [...real, 'Date', 'hrtime', 'performance'] });
  hints = breakableHints();
  stand = await openStreamStand(hints);
  order = await placeFor(stand, 'asha', 'algebra');
});
afterEach(async () => {
  await stand.close();
  jest.useRealTimers();
});

const versions = (changes: readonly { event: { version: number } | null }[]) =>
  changes.map(({ event }) => event?.version);

describe('a stream of the viewer’s own orders misses nothing', () => {
  test('when hints were lost, then after the reconnection all comes, once', async () => {
    const reader = await stand.followOwn(order.buyerId);
    await stand.change(order, 3);
    stand.loseHints();
    hints.reconnect();
    hints.reconnect();
    await reader.until(3);
    await stand.change(order);
    await stand.announceAndRead();
    await reader.until(4);
    await reader.leave();
    expect(versions(reader.changes)).toEqual([2, 3, 4, 5]);
  });

  test('when hints were lost and nothing says so, then the regular reading finds it', async () => {
    const reader = await stand.followOwn(order.buyerId);
    await stand.change(order, 3);
    stand.loseHints();
    jest.advanceTimersByTime(15_000);
    await reader.until(3);
    await reader.leave();
    expect(versions(reader.changes)).toEqual([2, 3, 4]);
  });

  test('when a change is committed long after its time, then it comes all the same, once', async () => {
    const began = stand.clock.now();
    stand.clock.advance(MINUTE);
    const reader = await stand.followOwn(order.buyerId);
    await stand.change(order);
    await stand.announceAndRead();
    await stand.change(order, 1, began);
    await stand.announceAndRead();
    await stand.change(order);
    await stand.announceAndRead();
    await reader.until(3);
    await reader.leave();
    expect(versions(reader.changes)).toEqual([2, 3, 4]);
  });

  test('when the clock of another machine is behind, then an order’s events keep their order', async () => {
    const reader = await stand.followOwn(order.buyerId);
    await stand.change(order, 2, new Date(stand.clock.now().getTime() + 900));
    await stand.change(order);
    await stand.announceAndRead();
    await reader.until(3);
    await reader.leave();
    expect(versions(reader.changes)).toEqual([2, 3, 4]);
  });

  test('when an order sleeps for longer than the overlap, then only what is new comes', async () => {
    await stand.change(order);
    const reader = await stand.followOwn(order.buyerId);
    for (const version of [3, 4, 5]) {
      await stand.change(order);
      await stand.announceAndRead();
      expect((await reader.until(version - 2)).at(-1)?.event?.version).toBe(version);
      stand.clock.advance(10 * MINUTE);
    }
    await reader.leave();
    expect(versions(reader.changes)).toEqual([3, 4, 5]);
  });

  test('when the database is away for a reading, then a later reading finds it', async () => {
    const reader = await stand.followOwn(order.buyerId);
    await stand.change(order, 2);
    stand.proxy.stop();
    const warned = jest.spyOn(stand.log, 'warn');
    stand.announce();
    await eventually(() => warned.mock.calls.length === 1);
    stand.proxy.resume();
    hints.reconnect();
    await reader.until(2);
    await reader.leave();
    expect(versions(reader.changes)).toEqual([2, 3]);
  });
});

(canStartRedis() ? describe : describe.skip)('a stream of the viewer’s own orders, when Redis is killed', () => {
  test('then what happened meanwhile comes once it is back, once', async () => {
    const redis = await startRedis();
    const overRedis = createRedisHints({ url: redis.url, log: testLog() });
    const other = await openStreamStand(overRedis);
    const placed = await placeFor(other, 'ravi', 'algebra');
    const reader = await other.followOwn(placed.buyerId);
    await other.change(placed, 2);
    await other.announceAndRead();
    await redis.kill();
    await other.change(placed, 2);
    other.loseHints();
    await redis.restart();
    await reader.until(4);
    await reader.leave();
    expect(versions(reader.changes)).toEqual([2, 3, 4, 5]);
    await other.close();
    await overRedis.close();
    await redis.stop();
  });
});
