import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { createOwnership, type Ownership } from '../../../src/queries/ownership.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes, MINUTE } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

let stand: OrderStand;
let ownership: Ownership;
beforeAll(async () => {
  stand = await openOrderStand();
  ownership = createOwnership(stand.fork, createOrderReads(stand.orm, stand.fork));
});
afterAll(() => stand.close());

async function order(buyer: string, course: string, end?: PaymentFactKind) {
  stand.clock.advance(MINUTE);
  const placed = await placeFor(stand, buyer, course);
  if (end) {
    await changeOrder(stand.fork, placed.id, ['attempts', 'itemRows', 'claims'], (one) => {
      recordPayment(one, paymentFact(end, `payment of ${one.id}`, minutes(1)), minutes(1), TIMES);
    });
  }
  return placed;
}

const purchased = (...pairs: readonly [string, string][]) =>
  ownership.purchased(pairs.map(([buyer, course]) => ({ buyerId: idOf(buyer), courseId: idOf(course) })));

describe('a course is purchased', () => {
  test('when it was paid for, by the one who paid, and no longer when it was revoked', async () => {
    await order('asha', 'algebra', 'succeeded');
    await order('asha', 'geometry', 'failed');
    await order('asha', 'history');
    expect(
      await purchased(
        ['asha', 'algebra'],
        ['asha', 'geometry'],
        ['asha', 'history'],
        ['ravi', 'algebra'],
        ['asha', 'never heard of'],
      ),
    ).toEqual([true, false, false, false, false]);
    await stand.sql(`update order_items set fulfilment = 'REVOKED' where product_id = $1`, [idOf('algebra')]);
    expect(await purchased(['asha', 'algebra'])).toEqual([false]);
  });

  test('many answers are one statement', async () => {
    await order('mira', 'algebra', 'succeeded');
    stand.proxy.takeStatements();
    const pairs = Array.from({ length: 50 }, (_, n): [string, string] => [n % 2 ? 'mira' : 'nobody', 'algebra']);
    expect(await purchased(...pairs)).toEqual(pairs.map(([buyer]) => buyer === 'mira'));
    expect(stand.proxy.takeStatements()).toHaveLength(1);
  });
});

describe('the viewer’s order of a course', () => {
  const ordersOf = async (buyer: string, ...courses: readonly string[]) =>
    ownership.ordersOf(idOf(buyer), courses.map(idOf));

  test('is the open one, else the paid one, else the newest', async () => {
    await order('nina', 'algebra', 'failed');
    const newest = await order('nina', 'algebra', 'failed');
    expect((await ordersOf('nina', 'algebra')).get(idOf('algebra'))?.id).toBe(newest.id);
    const open = await order('nina', 'algebra');
    await stand.sql(`update orders set placed_at = placed_at - interval '1 day' where id = $1`, [open.id]);
    expect((await ordersOf('nina', 'algebra')).get(idOf('algebra'))?.id).toBe(open.id);
    await stand.sql(`update orders set status = 'SUCCEEDED' where id = $1`, [open.id]);
    expect((await ordersOf('nina', 'algebra')).get(idOf('algebra'))?.id).toBe(open.id);
  });

  test('is one statement for many courses, and only of that buyer', async () => {
    const mine = [await order('tara', 'algebra'), await order('tara', 'geometry')];
    await order('uma', 'history');
    stand.proxy.takeStatements();
    const found = await ordersOf('tara', 'algebra', 'geometry', 'history');
    expect(stand.proxy.takeStatements()).toHaveLength(1);
    expect([...found].map(([course, { id }]) => [course, id]).sort()).toEqual(
      [
        [idOf('algebra'), present(mine[0]).id],
        [idOf('geometry'), present(mine[1]).id],
      ].sort(),
    );
  });
});
