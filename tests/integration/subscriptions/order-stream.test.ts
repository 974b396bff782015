import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Hints } from '../../../src/subscriptions/hints.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { createRedisHints } from '../../../src/subscriptions/redis-hints.js';
import { idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { placeFor } from '../../support/order-stand.js';
import { redisUrl } from '../../support/redis.js';
import { inShort, LATER, openStreamStand, type StreamStand } from './stream-stand.js';

/** What a stream of one order does, whatever carries the hints. */
function orderStreamContract(open: () => Hints): void {
  let stand: StreamStand;
  let hints: Hints;
  const nextBuyer = idSequence('order stream');

  beforeAll(async () => {
    hints = open();
    stand = await openStreamStand(hints);
  });
  afterEach(() => expect(stand.streams.size).toBe(0));
  afterAll(async () => {
    await stand.close();
    await hints.close();
  });

  test('given a version, then every event after it comes once, from before the stream and while it is open', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    await stand.change(order, 9);
    const viewer = { userId: order.buyerId, expiresAt: LATER };
    const reader = stand.read(stand.streams.orders.follow(order, 3, viewer));
    for (let round = 0; round < 10; round++) {
      await stand.change(order, 4);
      stand.announce();
    }
    await reader.until(47);
    await reader.leave();
    const ids = await stand.eventIds(order.buyerId);
    expect(ids).toHaveLength(50);
    expect(reader.changes.map(({ event }) => event?.id)).toEqual(ids.slice(3));
  });

  test('given no version, then the present state comes first, then every event', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    await stand.change(order, 4);
    const viewer = { userId: order.buyerId, expiresAt: LATER };
    const reader = stand.read(stand.streams.orders.follow(order, null, viewer));
    await reader.until(1);
    await stand.change(order, 2);
    stand.announce();
    await reader.until(3);
    await reader.leave();
    expect(inShort(reader.changes, [order])).toEqual(['0: snapshot 5', '0: event 6', '0: event 7']);
  });

  test('given a reader that has not gone on after its snapshot, then others miss nothing', async () => {
    const [waiting, other] = [
      await placeFor(stand, nextBuyer(), 'algebra'),
      await placeFor(stand, nextBuyer(), 'algebra'),
    ];
    const slow = stand.streams.orders.follow(waiting, null, { userId: waiting.buyerId, expiresAt: LATER });
    const first = await slow.next();
    const reader = stand.read(stand.streams.orders.follow(other, 1, { userId: other.buyerId, expiresAt: LATER }));
    await stand.change(waiting);
    await stand.change(other);
    stand.announce();
    await reader.until(1);
    await reader.leave();
    const second = await slow.next();
    await slow.return?.();
    expect([first, second].map(({ value }) => value && inShort([value], [waiting]))).toEqual([
      ['0: snapshot 1'],
      ['0: event 2'],
    ]);
  });
}

describe('a stream of one order, hints in memory', () => orderStreamContract(createMemoryHints));

(redisUrl() ? describe : describe.skip)('a stream of one order, hints over Redis', () =>
  orderStreamContract(() => createRedisHints({ url: redisUrl() ?? '', log: testLog() })),
);
