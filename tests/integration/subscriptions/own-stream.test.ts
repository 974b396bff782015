import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { Hints } from '../../../src/subscriptions/hints.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { createRedisHints } from '../../../src/subscriptions/redis-hints.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { placeFor } from '../../support/order-stand.js';
import { present } from '../../support/present.js';
import { redisUrl } from '../../support/redis.js';
import { MINUTE } from '../../support/test-clock.js';
import { idsOfEvents, inShort, openStreamStand, type StreamStand } from './stream-stand.js';

/** What a stream of the viewer's own orders does, whatever carries the hints. */
function ownStreamContract(open: () => Hints): void {
  let stand: StreamStand;
  let hints: Hints;
  const nextBuyer = idSequence('own stream');
  const placeSome = async (buyer: string, count: number): Promise<Order[]> => {
    const orders: Order[] = [];
    for (let n = 0; n < count; n++) orders.push(await placeFor(stand, buyer, `course ${n} of ${buyer}`));
    return orders;
  };

  beforeAll(async () => {
    hints = open();
    stand = await openStreamStand(hints);
  });
  afterEach(() => expect(stand.streams.size).toBe(0));
  afterAll(async () => {
    await stand.close();
    await hints.close();
  });

  test('given no cursor, then every event from now on comes once, of orders placed later too, and no stranger’s', async () => {
    const [name, stranger] = [nextBuyer(), nextBuyer()];
    const orders = await placeSome(name, 2);
    const [strangers] = await placeSome(stranger, 1);
    const before = await stand.eventIds(idOf(name));
    const reader = await stand.followOwn(idOf(name));

    for (let round = 0; round < 10; round++) {
      await Promise.all([...orders, present(strangers)].map((order) => stand.change(order, 3)));
      stand.announce();
    }
    orders.push(await placeFor(stand, name, 'geometry'));
    stand.announce();

    await reader.until(61);
    await reader.leave();
    const after = (await stand.eventIds(idOf(name))).filter((id) => !before.includes(id));
    expect([before.length, after.length]).toEqual([2, 61]);
    expect(idsOfEvents(reader.changes)).toEqual(after);
  });

  test('given a cursor, then each order that changed since comes once as it is, longest ago first, then what is new', async () => {
    const name = nextBuyer();
    const orders = await placeSome(name, 3);
    const [old, first, second] = orders as [Order, Order, Order];
    stand.clock.advance(10 * MINUTE);
    await stand.change(second);
    const cursor = stand.clock.now();
    stand.clock.advance(10 * MINUTE);
    await stand.change(first, 2);
    stand.clock.advance(MINUTE);
    await stand.change(second, 3);
    stand.loseHints();

    const reader = await stand.followOwn(idOf(name), cursor);
    expect(inShort(await reader.until(2), orders)).toEqual(['1: snapshot 3', '2: snapshot 5']);
    await stand.change(old);
    await stand.change(second);
    stand.announce();
    await reader.until(4);
    await reader.leave();
    expect(inShort(reader.changes, orders).toSorted()).toEqual([
      '0: event 2',
      '1: snapshot 3',
      '2: event 6',
      '2: snapshot 5',
    ]);
  });

  test('given two readers of one viewer, then both get everything', async () => {
    const name = nextBuyer();
    const [order] = await placeSome(name, 1);
    const readers = [await stand.followOwn(idOf(name)), await stand.followOwn(idOf(name))];
    await stand.change(present(order), 5);
    stand.announce();
    for (const reader of readers) {
      await reader.until(5);
      await reader.leave();
      expect(reader.changes.map(({ event }) => event?.version)).toEqual([2, 3, 4, 5, 6]);
    }
  });
}

describe('a stream of the viewer’s own orders, hints in memory', () => ownStreamContract(createMemoryHints));

(redisUrl() ? describe : describe.skip)('a stream of the viewer’s own orders, hints over Redis', () =>
  ownStreamContract(() => createRedisHints({ url: redisUrl() ?? '', log: testLog() })),
);
