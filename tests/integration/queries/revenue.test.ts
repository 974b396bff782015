import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { correctRevenue } from '../../../src/commands/correct-revenue.js';
import { mergeRevenue } from '../../../src/commands/merge-revenue.js';
import { EventActor, ProductKind, RefundReason } from '../../../src/entities/enums.js';
import { Money } from '../../../src/entities/money.js';
import { orderNumber } from '../../../src/entities/order-number.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { placeOrder } from '../../../src/entities/order-placing.js';
import type { OrderRefund } from '../../../src/entities/order-refund.js';
import { requestRefund, settleRefund } from '../../../src/entities/order-refunding.js';
import type { Order } from '../../../src/entities/order.js';
import { createRevenue, type MonthOfRevenue } from '../../../src/queries/revenue.js';
import { revenueDifferences } from '../../../src/queries/revenue-check.js';
import { idOf, idSequence } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { MINUTE } from '../../support/test-clock.js';

const YEARS = [2025, 2026];
const CURRENCIES = ['INR', 'USD'];

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
}, 60_000);
afterAll(() => stand.close());

/** An order that was paid, and what was given back of it. */
interface Sale {
  readonly paidAt: Date;
  readonly currency: string;
  readonly prices: readonly bigint[];
  /** A second capture, which goes back and is no revenue. */
  readonly surplus: boolean;
  /** Positions of items that are asked back, and whether the payment service gives them. */
  readonly refunds: readonly { readonly items: readonly number[]; readonly succeeded: boolean }[];
  readonly merge: boolean;
}

/** Around midnight of month and year in UTC, and anywhere between. */
const instant = fc.oneof(
  fc
    .constantFrom(
      ...[
        '2025-12-31T23:59:59.999Z',
        '2026-01-01T00:00:00.000Z',
        '2026-02-28T23:59:59.999Z',
        '2026-03-01T00:00:00.000Z',
      ],
    )
    .map((text) => new Date(text)),
  fc.date({ min: new Date('2025-01-01T00:10:00Z'), max: new Date('2026-12-31T23:59:59Z'), noInvalidDate: true }),
);
const sale: fc.Arbitrary<Sale> = fc.record({
  paidAt: instant,
  currency: fc.constantFrom(...CURRENCIES),
  prices: fc.array(fc.bigInt({ min: 0n, max: 10_000_000_000n }), { minLength: 1, maxLength: 3 }),
  surplus: fc.boolean(),
  refunds: fc.array(
    fc.record({ items: fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1 }), succeeded: fc.boolean() }),
    { maxLength: 2 },
  ),
  merge: fc.boolean(),
});

const nextName = idSequence('sale');

function place({ paidAt, currency, prices }: Sale): Order {
  const id = nextName();
  const items = prices.map((minor, position) => {
    const price = new Money(minor, currency);
    const productId = idOf(`${id} ${position}`);
    return { kind: ProductKind.COURSE, productId, title: 'a course', instructorId: null, listPrice: price, price };
  });
  const now = new Date(paidAt.getTime() - MINUTE);
  return placeOrder({
    id,
    number: orderNumber(id),
    itemIds: items.map((_, i) => idOf(`item ${i} of ${id}`)),
    buyerId: idOf(`buyer of ${id}`),
    items,
    couponCode: null,
    now: prices.every((price) => price === 0n) ? paidAt : now,
    payableUntil: new Date(now.getTime() + 30 * MINUTE),
  });
}

async function happen(what: Sale): Promise<void> {
  const em = stand.fork();
  const { paidAt } = what;
  const order = place(what);
  const refunds: OrderRefund[] = [];
  const take = () => refunds.push(...(order.newRefunds ?? []));
  if (order.totalMinor > 0n) {
    recordPayment(order, paymentFact('succeeded', `first of ${order.id}`, paidAt), paidAt, TIMES);
    if (what.surplus) recordPayment(order, paymentFact('succeeded', `second of ${order.id}`, paidAt), paidAt, TIMES);
  }
  take();
  em.persist(order);
  await em.flush();
  for (const { items, succeeded } of what.refunds) {
    giveBack(order, refunds, items, succeeded, new Date(paidAt.getTime() + 40 * 24 * 60 * MINUTE));
    take();
    await em.flush();
  }
  if (what.merge) await mergeRevenue(stand.fork);
}

function giveBack(order: Order, refunds: OrderRefund[], positions: readonly number[], succeeded: boolean, now: Date) {
  const taken = new Set(refunds.flatMap(({ status, itemIds }) => (status === 'SUCCEEDED' ? itemIds : [])));
  const items = order.currentItems.filter(
    ({ id, position, priceMinor }) => positions.includes(position) && priceMinor > 0n && !taken.has(id),
  );
  if (items.length === 0) return;
  const by = { actor: EventActor.OPERATOR, byId: idOf('operator') };
  const request = { ...by, id: nextName(), items, reason: RefundReason.OPERATOR, note: null, approved: true };
  const refund = requestRefund(order, refunds, request, now);
  settleRefund(order, [...refunds, refund], refund, { ...by, succeeded, reference: 'bank' }, now);
}

/** Counted from the orders, as one would by hand. */
async function countedByHand(year: number, currency: string): Promise<MonthOfRevenue[]> {
  const months = await stand.sql<{ month: number; orders: string; gross: string; refunded: string }>(
    `select month, (select count(*) from orders where currency = $2 and paid_at is not null
         and to_char(paid_at at time zone 'UTC', 'YYYY-MM') = $1 || '-' || lpad(month::text, 2, '0')) as orders,
       (select coalesce(sum(total_minor), 0) from orders where currency = $2 and paid_at is not null
         and to_char(paid_at at time zone 'UTC', 'YYYY-MM') = $1 || '-' || lpad(month::text, 2, '0')) as gross,
       (select coalesce(sum(amount_minor), 0) from order_refunds where status = 'SUCCEEDED' and reason = 'OPERATOR' and order_id in
         (select id from orders where currency = $2 and paid_at is not null
           and to_char(paid_at at time zone 'UTC', 'YYYY-MM') = $1 || '-' || lpad(month::text, 2, '0'))) as refunded
     from generate_series(1, 12) month order by month`,
    [String(year), currency],
  );
  return months.map(({ month, orders, gross, refunded }) => ({
    month,
    orders: Number(orders),
    gross: BigInt(gross),
    refunded: BigInt(refunded),
  }));
}

test('given any sales and returns, then twelve months agree with the orders to the last minor unit, merged or not', async () => {
  const revenue = createRevenue(stand.fork);
  await fc.assert(
    fc.asyncProperty(fc.array(sale, { minLength: 1, maxLength: 6 }), async (sales) => {
      for (const one of sales) await happen(one);
      for (const year of YEARS) {
        for (const currency of CURRENCIES) {
          expect(await revenue.ofYear(year, currency)).toEqual(await countedByHand(year, currency));
        }
      }
      expect(await revenueDifferences(stand.fork)).toEqual([]);
    }),
    { numRuns: process.env.FULL ? 300 : 30 },
  );
}, 240_000);

test('given entries of a day, when they are merged, then one row a day and currency is left', async () => {
  await mergeRevenue(stand.fork);
  const rows = await stand.sql('select 1 from revenue_entries group by day, currency having count(*) > 1');
  expect(rows).toEqual([]);
});

test('given entries that were lost, doubled or changed, when they are corrected, then nothing differs any more', async () => {
  const before = await stand.sql(
    `select day, currency, orders, gross_minor, refunded_minor from revenue_entries order by 1, 2`,
  );
  await stand.sql(
    `delete from revenue_entries where currency = 'USD' and id in (select id from revenue_entries limit 3)`,
  );
  await stand.sql(
    `update revenue_entries set gross_minor = gross_minor + 1, orders = orders + 1 where currency = 'INR'`,
  );
  await stand.sql(`insert into revenue_entries values (gen_random_uuid(), '2031-05-05', 'EUR', 1, 5, 0)`);
  expect((await revenueDifferences(stand.fork)).length).toBeGreaterThan(1);
  await correctRevenue(stand.fork);
  expect(await revenueDifferences(stand.fork)).toEqual([]);
  await mergeRevenue(stand.fork);
  const after = await stand.sql(
    `select day, currency, orders, gross_minor, refunded_minor from revenue_entries where orders <> 0 order by 1, 2`,
  );
  expect(after).toEqual(before);
});
