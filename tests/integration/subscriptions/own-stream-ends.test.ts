import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cancelOrdersOfBlocked } from '../../../src/commands/cancel-blocked.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { idOf, idSequence } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { MINUTE } from '../../support/test-clock.js';
import { inShort, LATER, openStreamStand, type OrderChange, type StreamStand } from './stream-stand.js';

let stand: StreamStand;
const nextBuyer = idSequence('ending stream');

beforeAll(async () => {
  stand = await openStreamStand(createMemoryHints());
});
afterAll(() => stand.close());

describe('a stream of the viewer’s own orders ends', () => {
  test('with the token, shown with the order that changed last, at the place up to which all was delivered', async () => {
    const name = nextBuyer();
    const orders = [await placeFor(stand, name, 'algebra')];
    const cursor = stand.clock.now();
    stand.clock.advance(MINUTE);
    orders.push(await placeFor(stand, name, 'history'));
    const ended = { userId: idOf(name), expiresAt: new Date() };
    const reader = stand.read(stand.streams.orders.followOwn(cursor, ended));
    await reader.ended;
    expect(inShort(reader.changes, orders)).toEqual(['1: snapshot 1 TOKEN_EXPIRED']);
    expect(reader.changes.map(({ at }) => at)).toEqual([cursor]);
  });

  test('without a message where there is no order to show', async () => {
    const reader = stand.read(stand.streams.orders.followOwn(null, { userId: idOf('nobody'), expiresAt: new Date() }));
    await reader.ended;
    expect(reader.changes).toEqual([]);
  });

  test('when the account is blocked, that of another viewer goes on', async () => {
    const [order, others] = [
      await placeFor(stand, nextBuyer(), 'algebra'),
      await placeFor(stand, nextBuyer(), 'algebra'),
    ];
    const [blocked, other] = [await stand.followOwn(order.buyerId), await stand.followOwn(others.buyerId)];
    stand.streams.block(order.buyerId);
    await blocked.ended;
    await stand.change(others);
    await stand.announceAndRead();
    await other.until(1);
    await other.leave();
    expect(inShort(blocked.changes, [order])).toEqual(['0: snapshot 1 ACCOUNT_BLOCKED']);
    expect(inShort(other.changes, [others])).toEqual(['0: event 2']);
  });

  test('with the event of the blocked account where the news were lost', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const reader = await stand.followOwn(order.buyerId);
    const inbox = { topic: 'blocked', eventKey: order.buyerId };
    await cancelOrdersOfBlocked(stand.env, [{ userId: order.buyerId, inbox }]);
    stand.announce();
    await reader.ended;
    expect(inShort(reader.changes, [order])).toEqual(['0: event 2 ACCOUNT_BLOCKED']);
  });

  test('when the reader is too slow: with nothing after a gap, at the place at which to resume', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const reader = await slowReader(order.buyerId);
    await stand.change(order);
    await stand.announceAndRead();
    const first = await reader.first;
    const place = stand.clock.now();
    for (const count of [900, 101, 1]) {
      stand.clock.advance(5 * MINUTE);
      await stand.changeAtOnce(order, count);
      await stand.announceAndRead();
    }
    const changes = [first, ...(await reader.rest())];
    expect(inShort(changes, [order])).toEqual(['0: event 2', '0: snapshot 1004 TOO_SLOW']);
    expect(changes.at(-1)?.at).toEqual(place);

    const again = await stand.followOwn(order.buyerId, place);
    await again.until(1);
    await again.leave();
    expect(inShort(again.changes, [order])).toEqual(['0: snapshot 1004']);
  });

  test('when the process stops, also one that is opened then', async () => {
    const order = await placeFor(stand, nextBuyer(), 'algebra');
    const open = await stand.followOwn(order.buyerId);
    await stand.streams.close();
    expect(stand.streams.size).toBe(0);
    const late = stand.read(stand.streams.orders.followOwn(null, { userId: order.buyerId, expiresAt: LATER }));
    await Promise.all([open.ended, late.ended]);
    for (const { changes } of [open, late]) expect(inShort(changes, [order])).toEqual(['0: snapshot 1 SHUTDOWN']);
  });
});

/** Asks for one message and takes the rest only when told to. */
async function slowReader(userId: string) {
  const stream = stand.streams.orders.followOwn(null, { userId, expiresAt: LATER });
  const first = stream.next();
  await stand.announceAndRead();
  return {
    first: first.then(({ value }) => value as OrderChange),
    rest: async () => {
      const changes: OrderChange[] = [];
      for await (const change of stream) changes.push(change);
      return changes;
    },
  };
}
