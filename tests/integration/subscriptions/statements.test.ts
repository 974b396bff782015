import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { Fork } from '../../../src/persistence/orm.js';
import { createEventReads } from '../../../src/queries/event-reads.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { idOf, idSequence } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { present } from '../../support/present.js';
import { LATER, openStreamStand, type Reader, type StreamStand } from './stream-stand.js';

const VIEWERS = 20;
const BASELINE = /^select order_id as id, max\(version\)/;
const OF_OWNERS = /where buyer_id = wanted\.id/;
const OF_ORDERS = /where order_id = wanted\.id/;
const ORDERS = /^select \*, .* as part_refunds from orders where id in/s;

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

test('however many are followed, events are found by index', async () => {
  await stand.sql(
    `insert into order_events
       (id, order_id, buyer_id, version, type, "to", fulfilment, actor, occurred_at, recorded_at)
     select gen_random_uuid(), $1, gen_random_uuid(), n, 'PAYMENT_REQUESTED', 'PENDING_PAYMENT', 'NOT_STARTED', 'SYSTEM',
       now(), now() from generate_series(1000, 20000) n`,
    [present(orders[0]).id],
  );
  await stand.sql('analyze order_events');
  const columns = { table: 'order_events', aggregate: 'order_id', owner: 'buyer_id' };
  const execute = (sql: string, parameters: unknown[]) => stand.fork().execute(`explain ${sql}`, parameters);
  const plans = createEventReads((() => ({ execute })) as unknown as Fork, {
    ...columns,
    read: (row) => String(row['QUERY PLAN']),
  });
  const many = Array.from({ length: 300 }, (_, n) => idOf(`followed ${n}`));
  const since = stand.clock.now();
  const planOf = (found: ReadonlyMap<string, readonly string[]>) => [...found.values()].flat().join('\n');
  const ofOwners = planOf(await plans.eventsSince(many.map((ownerId) => ({ ownerId, since }))));
  const ofOrders = planOf(await plans.eventsAfter(many.map((id) => ({ id, version: 1 }))));
  expect([ofOwners, ofOrders].map((plan) => [/order_events_\w+/.exec(plan)?.[0], /Seq Scan/.test(plan)])).toEqual([
    ['order_events_buyer', false],
    ['order_events_version', false],
  ]);
});
