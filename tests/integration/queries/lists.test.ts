import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OrderStatus } from '../../../src/entities/order-status.js';
import { BadCursor } from '../../../src/queries/cursor.js';
import {
  createOrderLists,
  type OrderListFilter,
  type OrderLists,
  type OrderPage,
} from '../../../src/queries/order-lists.js';
import { createOrderReads } from '../../../src/queries/order-reads.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { minutes } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

const ALL: OrderListFilter = { status: null, placedFrom: null, placedTo: null, courseId: null, oldestFirst: false };
const BUYER = idOf('collector');
const MANY = 250;

let stand: OrderStand;
let lists: OrderLists;

beforeAll(async () => {
  stand = await openOrderStand();
  lists = createOrderLists(stand.fork, createOrderReads(stand.orm, stand.fork));
  for (let from = 0; from < MANY; from += 50) {
    // Ten orders at each instant: the place in the list must not depend on the time alone.
    await Promise.all(Array.from({ length: 50 }, (_, n) => placeFor(stand, 'collector', `course ${from + n}`)));
    stand.clock.advance(60_000);
  }
  await stand.sql(
    `update orders set placed_at = placed_at + (('x' || right(id::text, 2))::bit(8)::int % 5) * interval '1 second'`,
  );
  await stand.sql(`update orders set status = 'FAILED' where ('x' || left(id::text, 2))::bit(8)::int % 3 = 0`);
});
afterAll(() => stand.close());

/** Reads a whole list by its pages. */
async function readAll(filter: OrderListFilter, first: number) {
  const ids: string[] = [];
  const sizes: number[] = [];
  let after: string | null = null;
  for (;;) {
    const page: OrderPage = present((await lists.ofBuyers([BUYER], filter, { first, after })).get(BUYER));
    ids.push(...page.rows.map(({ id }) => id));
    sizes.push(page.rows.length);
    if (!page.hasNextPage) return { ids, sizes };
    after = present(page.cursors.at(-1));
  }
}

const sorted = async (where: string, direction: 'asc' | 'desc', values: unknown[] = []) => {
  const rows = await stand.sql<{ id: string }>(
    `select id from orders where buyer_id = '${BUYER}' and ${where} order by placed_at ${direction}, id ${direction}`,
    values,
  );
  return rows.map(({ id }) => id);
};

describe('a list read page by page', () => {
  test.each([
    ['newest first', false, 'desc'],
    ['oldest first', true, 'asc'],
  ] as const)('%s: every order once, in order', async (_, oldestFirst, direction) => {
    for (const first of [1, 7, 100]) {
      if (first === 1 && oldestFirst) continue;
      const { ids, sizes } = await readAll({ ...ALL, oldestFirst }, first);
      expect(ids).toEqual(await sorted('true', direction));
      expect(ids).toHaveLength(MANY);
      expect(sizes).toHaveLength(Math.ceil(MANY / first));
    }
  });

  test('a list that ends with a full page says so', async () => {
    const { sizes } = await readAll(ALL, 125);
    expect(sizes).toEqual([125, 125]);
  });

  test('an order that is placed meanwhile neither repeats nor drops another', async () => {
    const page = present((await lists.ofBuyers([BUYER], ALL, { first: 100, after: null })).get(BUYER));
    const added = await placeFor(stand, 'collector', 'placed meanwhile');
    const rest = present(
      (await lists.ofBuyers([BUYER], ALL, { first: 200, after: present(page.cursors[99]) })).get(BUYER),
    );
    expect(new Set([...page.rows, ...rest.rows].map(({ id }) => id)).size).toBe(MANY);
    expect([...page.rows, ...rest.rows].some(({ id }) => id === added.id)).toBe(false);
    await stand.sql('update orders set buyer_id = $2 where id = $1', [added.id, idOf('somebody else')]);
  });
});

describe('a filter', () => {
  test('by status', async () => {
    const filter = { ...ALL, status: [OrderStatus.FAILED] };
    const { ids } = await readAll(filter, 20);
    expect(ids).toEqual(await sorted(`status = 'FAILED'`, 'desc'));
    expect(ids.length).toBeGreaterThan(50);
    expect(await lists.count(BUYER, filter)).toBe(ids.length);
  });

  test('by several, or by none at all', async () => {
    const two = { ...ALL, status: [OrderStatus.FAILED, OrderStatus.PENDING_PAYMENT] };
    expect([await lists.count(BUYER, two), await lists.count(BUYER, { ...ALL, status: [] })]).toEqual([MANY, 0]);
    expect((await readAll({ ...ALL, status: [] }, 5)).ids).toEqual([]);
  });

  test('by time: from is within, to is not', async () => {
    const at = minutes(2);
    const before = { ...ALL, placedTo: at };
    const since = { ...ALL, placedFrom: at };
    expect((await readAll(since, 30)).ids).toEqual(await sorted('placed_at >= $1', 'desc', [at]));
    expect((await lists.count(BUYER, before)) + (await lists.count(BUYER, since))).toBe(MANY);
  });

  test('by course; a course id that is none finds nothing', async () => {
    const wanted = { ...ALL, courseId: idOf('course 17') };
    const [found] = (await readAll(wanted, 5)).ids;
    expect(await lists.count(BUYER, wanted)).toBe(1);
    expect((await stand.load(present(found))).currentItems[0]?.title).toBe('course 17');
    expect(await lists.count(BUYER, { ...ALL, courseId: "x' or true --" })).toBe(0);
  });

  test('everything at once', async () => {
    const filter = {
      ...ALL,
      status: [OrderStatus.FAILED],
      placedFrom: minutes(1),
      placedTo: minutes(4),
      oldestFirst: true,
    };
    const expected = await sorted(`status = 'FAILED' and placed_at >= $1 and placed_at < $2`, 'asc', [
      minutes(1),
      minutes(4),
    ]);
    expect((await readAll(filter, 9)).ids).toEqual(expected);
  });
});

describe('a cursor', () => {
  test('belongs to its list: another filter or order refuses it', async () => {
    const page = present((await lists.ofBuyers([BUYER], ALL, { first: 3, after: null })).get(BUYER));
    const after = present(page.cursors[1]);
    const others = [
      { ...ALL, oldestFirst: true },
      { ...ALL, status: [OrderStatus.FAILED] },
      { ...ALL, placedFrom: minutes(0) },
      { ...ALL, courseId: idOf('course 1') },
    ];
    for (const filter of others) {
      await expect(lists.ofBuyers([BUYER], filter, { first: 3, after })).rejects.toThrow(BadCursor);
    }
    await expect(lists.ofBuyers([BUYER], ALL, { first: 3, after: after.slice(0, -4) })).rejects.toThrow(BadCursor);
  });
});

describe('lists of many buyers', () => {
  const buyers = Array.from({ length: 50 }, (_, n) => `buyer ${n}`);
  const ids = buyers.map(idOf);
  beforeAll(async () => {
    await Promise.all(
      buyers.flatMap((buyer, n) => Array.from({ length: n % 4 }, (_, i) => placeFor(stand, buyer, `course ${i}`))),
    );
  });

  test('are one statement for 50 buyers', async () => {
    stand.proxy.takeStatements();
    const pages = await lists.ofBuyers(ids, ALL, { first: 2, after: null });
    expect(stand.proxy.takeStatements()).toHaveLength(1);
    expect([...pages.keys()]).toEqual(ids);
    ids.forEach((id, n) => {
      const page = present(pages.get(id));
      expect([page.rows.length, page.hasNextPage]).toEqual([Math.min(n % 4, 2), n % 4 > 2]);
      expect(page.rows.every(({ buyerId }) => buyerId === id)).toBe(true);
    });
  });

  test('a buyer without orders has an empty page', async () => {
    const page = (await lists.ofBuyers([idOf('nobody')], ALL, { first: 2, after: null })).get(idOf('nobody'));
    expect(page).toEqual({ rows: [], cursors: [], hasNextPage: false });
  });
});
