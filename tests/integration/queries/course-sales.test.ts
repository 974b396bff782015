import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { recordRefunds } from '../../../src/commands/record-refunds.js';
import { CoursesUnavailable, createCourseSales, type CourseSales } from '../../../src/queries/course-sales.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';

let stand: OrderStand;
let sales: CourseSales;
beforeAll(async () => {
  stand = await openOrderStand();
  sales = createCourseSales(stand.fork, stand.neighbours.courses);
  stand.neighbours.addCourse('dollars', { currency: 'USD', price: 10 });
  await sell('buyer 1', 'algebra', 'geometry');
  await sell('buyer 2', 'algebra');
  await sell('buyer 3', 'dollars');
  await giveBack(await sell('buyer 4', 'algebra'));
  await placeFor(stand, 'buyer 5', 'algebra');
});
afterAll(() => stand.close());

/** Sells courses. @returns the order's id */
async function sell(buyer: string, ...courses: readonly string[]): Promise<string> {
  const { id: orderId } = await placeFor(stand, buyer, ...courses);
  const fact = paymentFact('succeeded', `payment of ${orderId}`);
  await recordPayments(stand.env, [{ orderId, fact, inbox: { topic: 'sold', eventKey: orderId } }]);
  return orderId;
}

const giveBack = (orderId: string) =>
  recordRefunds(stand.env, [
    {
      orderId,
      paymentId: `payment of ${orderId}`,
      refundId: null,
      amount: null,
      succeeded: true,
      eventId: idOf(`refund of ${orderId}`),
      inbox: { topic: 'refunded', eventKey: orderId },
    },
  ]);

describe('the sales of courses', () => {
  test('are of paid orders only, with what was given back, in one statement for all', async () => {
    const ids = ['algebra', 'geometry', 'dollars', 'never sold'].map(idOf);
    stand.proxy.takeStatements();
    const found = await sales.ofCourses(ids);
    expect(stand.proxy.takeStatements()).toHaveLength(1);
    expect(ids.map((id) => found.get(id))).toEqual([
      [{ courseId: idOf('algebra'), currency: 'INR', orders: 3, gross: 149_700n, refunded: 49_900n }],
      [{ courseId: idOf('geometry'), currency: 'INR', orders: 1, gross: 49_900n, refunded: 0n }],
      [{ courseId: idOf('dollars'), currency: 'USD', orders: 1, gross: 1_000n, refunded: 0n }],
      undefined,
    ]);
  });

  test('belong to who teaches the course, as the course service tells', async () => {
    const found = await sales.instructorsOf([idOf('algebra'), idOf('no such course')]);
    expect([...found]).toEqual([[idOf('algebra'), idOf('teacher of algebra')]]);
    stand.neighbours.down.add('course');
    await expect(sales.instructorsOf([idOf('algebra')])).rejects.toThrow(CoursesUnavailable);
  });

  test('are found by index', async () => {
    await stand.sql('set enable_seqscan = off');
    const plan = await stand.sql(
      `explain select 1 from order_items item where item.kind = 'COURSE' and item.product_id = $1`,
      [idOf('algebra')],
    );
    expect(JSON.stringify(plan)).toContain('order_items_course');
  });
});
