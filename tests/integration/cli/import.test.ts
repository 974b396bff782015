import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { expireDueOrders } from '../../../src/commands/expire-orders.js';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { isOrderNumber } from '../../../src/entities/order-number.js';
import { revenueDifferences } from '../../../src/queries/revenue-check.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { T0 } from '../../support/test-clock.js';
import {
  createOldDatabase,
  emptyStand,
  PAID_AT,
  paymentIdOf,
  PLACED_AT,
  runImport,
  UPDATED_AT,
  type OldDatabase,
  type OldOrderRow,
} from './old-database.js';

let stand: OrderStand;
let old: OldDatabase;
beforeAll(async () => {
  stand = await openOrderStand();
  old = await createOldDatabase();
  stand.neighbours.addCourse('algebra');
});
afterAll(async () => {
  await stand.close();
  await old.drop();
});
beforeEach(async () => {
  await emptyStand(stand);
  await old.empty();
});

const importOne = async (order: OldOrderRow) => {
  const id = await old.add('order', order);
  expect(await runImport(stand, old)).toMatchObject({ read: 1, imported: 1, skipped: 0, listed: 0, reasons: {} });
  return stand.load(id);
};
const revenueRows = () =>
  stand.sql(`select to_char(day, 'YYYY-MM-DD') as day, orders, gross_minor as gross, refunded_minor as refunded
    from revenue_entries`);
const PAID = { day: '2026-03-01', orders: 1, gross: '49900', refunded: '0' };
const payment = (payment_status: string) => ({ payment_status });

describe('given an order of each status, when it is imported', () => {
  test.each([
    // status, payment, then: status, fulfilment, claims, attempt, captured, refunded, revenue
    ['created', undefined, 'PENDING_PAYMENT', 'NOT_STARTED', 1, [], 0n, 0n, []],
    ['pending_payment', undefined, 'PENDING_PAYMENT', 'NOT_STARTED', 1, [], 0n, 0n, []],
    ['pending_payment', 'failed', 'PENDING_PAYMENT', 'NOT_STARTED', 1, ['FAILED', null], 0n, 0n, []],
    ['processing', 'pending', 'PROCESSING', 'NOT_STARTED', 1, ['PENDING', null], 0n, 0n, []],
    ['succeeded', 'success', 'SUCCEEDED', 'FULFILLED', 1, ['SUCCEEDED', 'ACCEPTED'], 49_900n, 0n, [PAID]],
    ['succeeded', undefined, 'SUCCEEDED', 'FULFILLED', 1, [], 49_900n, 0n, [PAID]],
    ['failed', 'failed', 'FAILED', 'NOT_STARTED', 0, ['FAILED', null], 0n, 0n, []],
    ['failed', 'pending', 'FAILED', 'NOT_STARTED', 0, ['PENDING', null], 0n, 0n, []],
    ['cancelled', undefined, 'CANCELLED', 'NOT_STARTED', 0, [], 0n, 0n, []],
    ['expired', 'expired', 'EXPIRED', 'NOT_STARTED', 0, ['EXPIRED', null], 0n, 0n, []],
    [
      ...(['refunded', 'refunded', 'REFUNDED', 'REVOKED', 0, ['SUCCEEDED', 'ACCEPTED'], 49_900n, 49_900n] as const),
      [{ ...PAID, refunded: '49900' }],
    ],
  ] as const)(
    '%s with payment %s, then it is %s and %s, its money and products as they should be',
    async (status, paid, wanted, fulfilment, claims, attempt, captured, refunded, revenue) => {
      const order = await importOne({ status, ...(paid ? { payment: payment(paid) } : {}) });
      const isPayable = wanted === 'PENDING_PAYMENT' || wanted === 'PROCESSING';
      expect(order).toMatchObject({ status: wanted, fulfilment, capturedMinor: captured, refundedMinor: refunded });
      expect(order.itemRows.getItems().map((item) => item.fulfilment)).toEqual([fulfilment]);
      expect(order.claims.length).toBe(claims);
      expect(order.attempts.getItems().flatMap(({ state, capture }) => [state, capture])).toEqual(attempt);
      expect(order.payableUntil).toEqual(new Date('2026-03-01T09:36:00Z'));
      expect(order.expiresAt).toEqual(isPayable ? order.payableUntil : null);
      const paidAt = refunded > 0n ? PLACED_AT.replace('456', '') : paid ? PAID_AT : UPDATED_AT;
      expect(order.paidAt).toEqual(captured > 0n ? new Date(paidAt) : null);
      expect(await revenueRows()).toEqual(revenue);
      expect(await revenueDifferences(stand.fork)).toEqual([]);
    },
  );
});

describe('given a paid order, when it is imported', () => {
  test('then ids and times are kept, it has a number and the payment, and one event opens it', async () => {
    const order = await importOne({ status: 'succeeded', payment: { provider: 'razorpay' } });
    expect(order).toMatchObject({ id: idOf('order'), buyerId: idOf('buyer of order'), version: 1, revision: 1 });
    expect(order.placedAt).toEqual(new Date('2026-03-01T09:00:00.123Z'));
    expect(order.updatedAt).toEqual(new Date(UPDATED_AT));
    expect(isOrderNumber(order.number)).toBe(true);
    const [item] = order.currentItems;
    expect(item).toMatchObject({ id: idOf('order item 0'), productId: idOf('algebra'), kind: 'COURSE', position: 0 });
    const [attempt] = order.attempts.getItems();
    expect(attempt).toMatchObject({ paymentId: paymentIdOf('order'), provider: 'RAZORPAY', amountMinor: 49_900n });
    expect(attempt).toMatchObject({ providerOrderId: 'cs of order', startedAt: new Date(PAID_AT), revision: 1 });
    const events = await stand.sql('select * from order_events');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ version: 1, type: 'PLACED', from: null, to: 'SUCCEEDED', note: 'imported' });
    expect(events[0]).toMatchObject({ actor: 'SYSTEM', fulfilment: 'FULFILLED', payment_id: paymentIdOf('order') });
    expect(events[0]).toMatchObject({ occurred_at: order.placedAt, recorded_at: T0 });
  });

  test('then nothing is announced: no messages, notices or sagas', async () => {
    for (const status of ['succeeded', 'refunded', 'processing', 'failed', 'expired'])
      await old.add(status, { status, ...(status === 'refunded' ? { payment: payment('refunded') } : {}) });
    expect(await runImport(stand, old)).toMatchObject({ read: 5, imported: 5 });
    expect(await stand.counts()).toMatchObject({ orders: 5, order_events: 5, outbox: 0, notices: 0, sagas: 0 });
    expect(stand.commits).toEqual([]);
  });

  test.each([
    ['before it was placed', '2026-03-01T03:35:00Z'],
    ['in the future', '2026-03-01T14:35:00Z'],
  ])('whose payment changed %s by the clock of another zone, then it was paid when it last changed', async (_, at) => {
    const order = await importOne({ status: 'succeeded', payment: { updated_at: at } });
    expect(order.paidAt).toEqual(new Date(UPDATED_AT));
  });
});

describe('given amounts in floats', () => {
  const pricesOf = async (order: OldOrderRow) => {
    const { subtotalMinor, discountMinor, taxMinor, totalMinor, currentItems } = await importOne(order);
    const items = currentItems.map(({ listPriceMinor, discountMinor: off, priceMinor }) => [
      Number(listPriceMinor),
      Number(off),
      Number(priceMinor),
    ]);
    return {
      items: items.sort(([, , a = 0], [, , b = 0]) => b - a),
      total: totalMinor,
      taxMinor,
      subtotalMinor,
      discountMinor,
    };
  };
  const cart = [
    ['algebra', 30_000],
    ['biology', 10_000],
  ] as const;

  test('then the discount is spread over the items, whose list prices were not kept', async () => {
    const seen = await pricesOf({ items: cart, sub_total: 60_000, discount: 20_000 });
    expect(seen).toMatchObject({ total: 40_000n, subtotalMinor: 60_000n, discountMinor: 20_000n, taxMinor: 0n });
    expect(seen.items).toEqual([
      [45_000, 15_000, 30_000],
      [15_000, 5_000, 10_000],
    ]);
  });

  test('without a stored discount, then it is what sub_total is above the amount', async () => {
    expect(await pricesOf({ items: cart, sub_total: 50_000, discount: null })).toMatchObject({
      discountMinor: 10_000n,
    });
  });

  test.each([39_999, 40_001])('that are one off (%d), then the dearest item takes it', async (amount) => {
    const seen = await pricesOf({ items: cart, amount, sub_total: 40_000, discount: 0 });
    expect(seen.total).toBe(BigInt(amount));
    expect(seen.items.map(([, , price]) => price)).toEqual([amount - 10_000, 10_000]);
  });

  test('with a course twice, then it is one item at both prices, and is held once', async () => {
    const seen = await pricesOf({ items: [...cart, ['algebra', 30_000]], status: 'succeeded' });
    expect(seen.items.map(([, , price]) => price)).toEqual([60_000, 10_000]);
    expect(await stand.counts()).toMatchObject({ order_items: 2, order_claims: 2 });
  });
});

describe('given imported orders that can be paid', () => {
  test('when their time is over, then the sweep ends them; their courses are free', async () => {
    await old.add('due', { payment: payment('pending'), status: 'processing' });
    await old.add('not due', { updated_at: '2026-03-01T09:45:00Z' });
    await runImport(stand, old);
    expect(await expireDueOrders(stand.env, 10, true)).toEqual({ expired: 1, postponed: 0 });
    const due = await stand.load(idOf('due'));
    expect(due).toMatchObject({ status: 'EXPIRED', statusReason: 'DEADLINE_PASSED', version: 3 });
    expect((await stand.load(idOf('not due'))).status).toBe('PENDING_PAYMENT');
    expect(await stand.counts()).toMatchObject({ order_claims: 1 });
  });

  test('while their payment lives longer than they are payable, then they wait for it', async () => {
    const started = { payment_status: 'pending', updated_at: '2026-03-01T09:55:00Z' };
    const order = await importOne({ status: 'processing', payment: started, updated_at: '2026-03-01T09:31:00Z' });
    expect(order.payableUntil).toEqual(new Date('2026-03-01T10:01:00Z'));
    expect(order.expiresAt).toEqual(new Date('2026-03-01T10:07:00Z'));
  });

  test('when the payment that the old service knew succeeds, then the order is paid and its delivery is followed', async () => {
    const order = await importOne({ status: 'processing', payment: payment('pending'), created_at: PLACED_AT });
    const fact = paymentFact('succeeded', paymentIdOf('order'));
    const inbox = { topic: 'succeeded', eventKey: 'e1' };
    expect(await recordPayments(stand.env, [{ orderId: order.id, fact, inbox }])).toEqual(['applied']);
    const paid = await stand.load(order.id);
    expect(paid).toMatchObject({ status: 'SUCCEEDED', fulfilment: 'IN_PROGRESS', capturedMinor: 49_900n, version: 3 });
    expect(paid.attempts.length).toBe(1);
    expect(await revenueDifferences(stand.fork)).toEqual([]);
  });
});
