import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { idSequence } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { LATER, openStreamStand, type Reader, type StreamStand } from './stream-stand.js';

const VIEWERS = 20;
const BASELINE = /^select order_id as id, max\(version\)/;
const OF_OWNERS = /event\.buyer_id = wanted\.id/;
const OF_ORDERS = /event\.order_id = wanted\.id/;
const ORDERS = /^select \* from orders where id in/;

let stand: StreamStand;
let orders: Order[];
const nextBuyer = idSequence('counted');

beforeAll(async () => {
  stand = await openStreamStand(createMemoryHints());
  orders = [];
  for (let n = 0; n < VIEWERS; n++) orders.push(await placeFor(stand, nextBuyer(), 'algebra'));
  stand.loseHints();
});
afterAll(() => stand.close());

/** Which of the patterns each statement since the last call matches. */
function statements(...patterns: RegExp[]): (RegExp | string)[] {
  return stand.proxy.takeStatements().map((sql) => patterns.find((pattern) => pattern.test(sql)) ?? sql);
}

/** Changes every order once and tells of all of them at one time. */
async function changeAll(readers: readonly Reader[]): Promise<void> {
  const before = readers.map(({ changes }) => changes.length);
  await Promise.all(orders.map((order) => stand.change(order)));
  stand.proxy.takeStatements();
  stand.announce();
  await Promise.all(readers.map((reader, n) => reader.until((before[n] ?? 0) + 1)));
  expect(readers.map(({ changes }) => changes.length)).toEqual(before.map((count) => count + 1));
}

describe(`given ${VIEWERS} viewers whose orders change in one tick`, () => {
  test('when they follow all their orders, then one statement reads the events, one the orders', async () => {
    const readers = await Promise.all(orders.map(({ buyerId }) => stand.followOwn(buyerId)));
    await changeAll(readers);
    expect(statements(OF_OWNERS, ORDERS)).toEqual([OF_OWNERS, ORDERS]);
    await Promise.all(readers.map((reader) => reader.leave()));
  });

  test('when they follow one order each, then one statement reads the events, one the orders', async () => {
    const readers = orders.map((order) =>
      stand.read(stand.streams.orders.follow(order, null, { userId: order.buyerId, expiresAt: LATER })),
    );
    await Promise.all(readers.map((reader) => reader.until(1)));
    await changeAll(readers);
    expect(statements(OF_ORDERS, ORDERS)).toEqual([OF_ORDERS, ORDERS]);
    await Promise.all(readers.map((reader) => reader.leave()));
  });
});

test('a stream of the viewer’s own orders opens with two statements, and one for a hundred snapshots', async () => {
  const [order] = orders as [Order];
  stand.proxy.takeStatements();
  const live = await stand.followOwn(order.buyerId);
  await live.leave();
  expect(statements(BASELINE, OF_OWNERS)).toEqual([BASELINE, OF_OWNERS]);
  const resumed = await stand.followOwn(order.buyerId, stand.clock.now());
  await resumed.until(1);
  await resumed.leave();
  expect(statements(BASELINE, ORDERS, OF_OWNERS)).toEqual([BASELINE, ORDERS, OF_OWNERS]);
});
