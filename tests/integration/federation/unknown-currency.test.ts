import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { orderData, nearestAmount } from '../../../src/grpc/order-data.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { openGraphStand, type GraphStand } from './graph-stand.js';

const BUYER = 'asha';
const CODES = ['ZZZ', 'HRK', 'XXX', 'INR'];

let stand: GraphStand;
const orders: string[] = [];

/** Rows of earlier releases, which took every code that looked like one. */
beforeAll(async () => {
  stand = await openGraphStand();
  const session = stand.neighbours.addSession('yoga');
  const booked = await stand.bookSession(idOf(BUYER), { sessionId: session, idempotencyKey: null });
  if (!('booking' in booked && 'replayed' in booked)) throw new Error('the seat was not booked');
  await stand.sql(`update session_bookings set currency = 'ZZZ'`);
  await stand.sql(`update orders set currency = 'ZZZ' where session_id is not null`);
  for (const code of CODES) {
    const { id } = await placeFor(stand, BUYER, `course in ${code}`);
    orders.push(id);
    for (const [table, column] of Object.entries({ orders: 'id', order_items: 'order_id' }))
      await stand.sql(`update ${table} set currency = $1 where ${column} = $2`, [code, id]);
  }
}, 60_000);
afterAll(() => stand.close());

const MONEY = '{ amount currency decimalPlaces }';
const amountIn = (currency: string) => ({ amount: 49_900, currency, decimalPlaces: 2 });

describe('given orders and bookings in currencies that ISO 4217 does not list', () => {
  test('then the buyer and operators read lists with them, every amount with its decimal places', async () => {
    for (const who of [BUYER, 'operator']) {
      const { entities, errors } = await stand.entities(
        who,
        [{ __typename: 'User', id: idOf(BUYER) }],
        `... on User { orders(first: 10) { nodes { total ${MONEY} items { price ${MONEY} } } }
          sessionBookings { nodes { price ${MONEY} } } }`,
      );
      expect(errors).toEqual([]);
      expect(entities[0].orders.nodes).toEqual(
        expect.arrayContaining(CODES.map((code) => ({ total: amountIn(code), items: [{ price: amountIn(code) }] }))),
      );
      expect(entities[0].orders.nodes).toHaveLength(CODES.length + 1);
      expect(entities[0].sessionBookings.nodes).toEqual([
        { price: { amount: 19_900, currency: 'ZZZ', decimalPlaces: 2 } },
      ]);
    }
  });

  test('then what was sold of a course in each of them can be read', async () => {
    await stand.sql(`update orders set status = 'SUCCEEDED', paid_at = now()`);
    const { entities, errors } = await stand.entities(
      'operator',
      CODES.map((code) => ({ __typename: 'Course', id: idOf(`course in ${code}`) })),
      `... on Course { sales { net ${MONEY} } }`,
    );
    expect(errors).toEqual([]);
    expect(entities.map(({ sales }) => sales)).toEqual(CODES.map((code) => [{ net: amountIn(code) }]));
  });

  test('then gRPC answers them as they are stored', async () => {
    const reads = createOrderReads(stand.orm, stand.fork);
    const [found, items] = await Promise.all([reads.orders(orders), reads.items(orders)]);
    const answered = orders.map((id) => orderData(found.get(id) as never, items.get(id) ?? [], [], nearestAmount));
    expect(answered.map(({ amount }) => amount?.currency)).toEqual(CODES);
  });
});
