import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BrokenOrder, checkOldOrder } from '../../../src/commands/check-old-order.js';
import { NeighbourDown } from '../../../src/platform/neighbours.js';
import type { OldOrder } from '../../../src/persistence/old-orders.js';
import { idOf } from '../../support/ids.js';
import { T0 } from '../../support/test-clock.js';
import { importStand } from './import-stand.js';
import type { OldOrderRow } from './old-database.js';

const at = importStand();

const twoItems = {
  items: [
    ['algebra', 100],
    ['biology', 100],
  ],
} as const;
const payment = (payment_status: string | null) => ({ payment: { payment_status } });

describe('given an order that is broken, when it is imported beside a good one, then it is listed and not written', () => {
  test.each<[string, OldOrderRow]>([
    ['id 17 is no UUID', { id: '17' }],
    [`id ${idOf('x').toUpperCase()} is not in lower case`, { id: idOf('x').toUpperCase() }],
    ['user_id bob is no UUID', { user_id: 'bob' }],
    ['user_id null is no UUID', { user_id: null }],
    ['order_items.id 1 is no UUID', { item_id: '1' }],
    ['order_items.course_id go-101 is no UUID', { items: [['=go-101', 100]] }],
    ['it has no items', { items: [] }],
    ['status lost is unknown', { status: 'lost' }],
    ['status SUCCEEDED is unknown', { status: 'SUCCEEDED' }],
    ['status null is unknown', { status: null }],
    ['currency RUPEE is unknown', { currency: 'RUPEE' }],
    ['currency ZZZ is unknown', { currency: 'ZZZ' }],
    ['currency inr is unknown', { currency: 'inr' }],
    ['currency null is unknown', { currency: null }],
    ['amount 100.5 is no whole number of minor units', { amount: 100.5 }],
    ['amount -1 is no whole number of minor units', { amount: -1 }],
    ['amount NaN is no whole number of minor units', { amount: Number.NaN }],
    ['amount Infinity is no whole number of minor units', { amount: Number.POSITIVE_INFINITY }],
    [
      'order_items.price 99.99 is no whole number of minor units',
      { items: [['algebra', 99.99]], amount: 100, sub_total: 100 },
    ],
    ['the items add up to 200, not to amount 198', { ...twoItems, amount: 198, sub_total: 198 }],
    ['the items add up to 200, not to amount 202', { ...twoItems, amount: 202, sub_total: 202 }],
    ['sub_total 300 less discount 50 is not amount 200', { ...twoItems, sub_total: 300, discount: 50 }],
    ['sub_total 100 less discount -100 is not amount 200', { ...twoItems, sub_total: 100, discount: null }],
    ['sales_tax 36 was never charged', { sales_tax: 36 }],
    ['created_at null is no time', { created_at: null }],
    ['created_at Infinity is no time', { created_at: 'infinity' }],
    ['its payment has no payment_id', { payment: { payment_id: null, payment_status: 'pending' } }],
    ['provider square is unknown', { payment: { provider: 'square', payment_status: 'pending' } }],
    ['payment_status null is unknown', payment(null)],
    ['status pending_payment contradicts payment_status success', payment('success')],
    ['status failed contradicts payment_status success', { status: 'failed', ...payment('success') }],
    ['status expired contradicts payment_status refunded', { status: 'expired', ...payment('refunded') }],
    ['status succeeded contradicts payment_status failed', { status: 'succeeded', ...payment('failed') }],
    ['status succeeded contradicts payment_status refunded', { status: 'succeeded', ...payment('refunded') }],
    ['status refunded contradicts payment_status pending', { status: 'refunded', ...payment('pending') }],
    ['status refunded without money that was paid', { status: 'refunded' }],
    [
      'status refunded without money that was paid',
      { status: 'refunded', items: [['algebra', 0]], ...payment('success') },
    ],
  ])('%s', async (reason, order) => {
    const id = await at.old.add('broken', order);
    await at.old.add('good');
    const seen = await at.run();
    expect(seen).toMatchObject({ read: 2, imported: 1, skipped: 0, listed: 1, reasons: { [id]: reason } });
    expect(await at.stand.counts()).toMatchObject({ orders: 1, order_items: 1, order_claims: 1, order_events: 1 });
  });
});

describe('given any amounts', () => {
  const amount = fc.integer({ min: 0, max: 10_000_000 });
  const carts = fc.record({
    prices: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), amount), { minLength: 1, maxLength: 5 }),
    discount: amount,
    off: fc.integer({ min: -2, max: 2 }),
  });

  test('then an order is broken, or its items add up to its amounts exactly and none is negative', () => {
    const seen = { sound: 0, broken: 0 };
    fc.assert(
      fc.property(carts, ({ prices, discount, off }) => {
        const sum = prices.reduce((all, [, price]) => all + price, 0);
        const isSound = Math.abs(off) <= 1 && sum + off >= 0;
        const found = checked(prices, { amount: sum + off, subTotal: sum + off + discount, discount });
        seen[isSound ? 'sound' : 'broken'] += 1;
        if (!isSound) return expect(found).toBeInstanceOf(BrokenOrder);
        if (found instanceof BrokenOrder) throw found;
        const total = (of: 'price' | 'listPrice') => found.items.reduce((all, item) => all + item[of].minor, 0n);
        expect(total('price')).toBe(BigInt(sum + off));
        expect(total('listPrice')).toBe(BigInt(sum + off + discount));
        expect(found.items).toHaveLength(new Set(prices.map(([course]) => course)).size);
        expect(found.items.every(({ price, listPrice }) => 0n <= price.minor && price.minor <= listPrice.minor)).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
    expect(seen.sound).toBeGreaterThan(100);
    expect(seen.broken).toBeGreaterThan(100);
  });

  function checked(
    prices: readonly (readonly [number, number])[],
    amounts: Pick<OldOrder, 'amount' | 'subTotal' | 'discount'>,
  ) {
    const items = prices.map(([course, price], i) => ({
      id: idOf(`item ${i}`),
      courseId: idOf(`course ${course}`),
      price,
    }));
    const fixed = {
      id: idOf('order'),
      userId: idOf('buyer'),
      currency: 'INR',
      salesTax: 0,
      status: 'failed',
      payment: null,
    };
    try {
      return checkOldOrder({ ...fixed, ...amounts, items, idempotencyKey: null, createdAt: T0, updatedAt: T0 });
    } catch (error) {
      return error as BrokenOrder;
    }
  }
});

describe('given courses that the course service knows, or does not', () => {
  const titles = () => at.stand.sql('select title, instructor_id from order_items order by title');
  const bare = (course: string) => ({ title: `Course ${idOf(course)}`, instructor_id: null });

  test('when orders are imported, then known ones have title and instructor, the others a title made of the id', async () => {
    at.stand.neighbours.addCourse('Zoology', { published: false });
    await at.old.add('order', {
      items: [
        ['Zoology', 100],
        ['gone', 100],
      ],
    });
    expect(await at.run()).toMatchObject({ imported: 1, namelessCourses: 1 });
    expect(await titles()).toEqual([bare('gone'), { title: 'Zoology', instructor_id: idOf('teacher of Zoology') }]);
  });

  test('without a course service, then all have a title made of the id', async () => {
    await at.old.add('order');
    expect(await at.run({ courses: undefined })).toMatchObject({ imported: 1, namelessCourses: 1 });
    expect(await titles()).toEqual([bare('algebra')]);
  });

  test('when the course service does not answer, then the import ends and has written nothing', async () => {
    await at.old.add('order');
    at.stand.neighbours.down.add('course');
    await expect(at.run()).rejects.toThrow(NeighbourDown);
    expect(await at.stand.counts()).toMatchObject({ orders: 0 });
  });
});

describe('given sessions that were booked', () => {
  test('then their number is told, and they are not imported', async () => {
    await at.old.sql(`insert into session_bookings (id) values ('1'), ('2')`);
    expect(await at.run()).toMatchObject({ read: 0, sessionBookings: 2 });
    await at.old.sql('alter table session_bookings rename to not_there');
    expect(await at.run()).toMatchObject({ read: 0, sessionBookings: 0 });
    await at.old.sql('alter table not_there rename to session_bookings');
  });
});
