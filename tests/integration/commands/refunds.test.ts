import { describe, expect, test } from '@jest/globals';
import { createRejectRefund } from '../../../src/commands/decide-refund.js';
import { recordRefunds, type RefundMessage } from '../../../src/commands/record-refunds.js';
import { createRetrySaga } from '../../../src/commands/retry-saga.js';
import { createRequestRefund } from '../../../src/commands/request-refund.js';
import { idOf } from '../../support/ids.js';
import { present } from '../../support/present.js';
import { MINUTE } from '../../support/test-clock.js';
import { OPERATOR, PRICE, refundStand } from './refund-stand.js';

const at = refundStand();
const { load, paymentOf, refunded, refunds, request, runAfter, sagas, tell } = at;

describe('asking for items', () => {
  test('one item while another is on its way back: two open refunds, and no item twice', async () => {
    await refunded('buyer', 0);
    expect(await request('buyer', 0)).toMatchObject({ code: 'ACTION_NOT_ALLOWED', reason: 'REFUND_OPEN' });
    expect(await request('buyer', 0, 1)).toMatchObject({ reason: 'REFUND_OPEN' });
    await refunded('buyer', 1);
    expect(await request('buyer')).toMatchObject({ reason: 'REFUND_OPEN' });
    expect((await refunds()).map(({ amount_minor }) => BigInt(amount_minor))).toEqual([PRICE, PRICE]);
  });

  test('without naming items: everything that is in no refund yet', async () => {
    await refunded('buyer', 0);
    expect((await refunded('buyer')).itemIds).toEqual([present(at.items[1]).id]);
  });

  test('an item that was given back, or of another order', async () => {
    await tell({ refundId: (await refunded('operator', 0)).id });
    expect(await request('operator', 0)).toMatchObject({ reason: 'NOTHING_TO_REFUND' });
    const input = { orderId: at.order.id, itemIds: [idOf('strange')], note: null, idempotencyKey: null };
    expect(await createRequestRefund(at.stand.env)(OPERATOR, input)).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ path: 'itemIds[0]' }],
    });
  });

  test('after the payment service gave a part back by itself: never more than is left', async () => {
    expect(await tell({ amount: 2n * PRICE - 100n })).toBe('applied');
    expect((await refunded('operator')).amountMinor).toBe(100n);
    expect(await request('operator')).toMatchObject({ reason: 'REFUND_OPEN' });
  });

  test('refused, it can be asked for again', async () => {
    const { id } = await refunded('buyer', 0);
    await createRejectRefund(at.stand.env)(OPERATOR, { refundId: id, note: 'no' });
    await refunded('buyer', 0);
    expect((await refunds()).map(({ status }) => status)).toEqual(['REJECTED', 'REQUESTED']);
  });
});

describe('decided by policy instead of an operator', () => {
  const ask = async () => {
    const policies = { ...at.stand.env.policies, refundsApprovedAtOnce: true };
    const { env } = await at.stand.newProcess({ policies });
    const input = { orderId: at.order.id, itemIds: null, note: null, idempotencyKey: null };
    return createRequestRefund(env)({ userId: at.order.buyerId, isOperator: false }, input);
  };

  test('a buyer inside the window: approved at once and asked of the payment service', async () => {
    expect(await ask()).toMatchObject({ refund: { status: 'APPROVED', reason: 'REQUESTED_BY_BUYER' } });
    await runAfter(0);
    expect(await at.asked()).toHaveLength(1);
  });

  test('outside the window: refused, nothing is asked', async () => {
    at.stand.clock.advance(14 * 24 * 60 * MINUTE + 1);
    expect(await ask()).toMatchObject({ reason: 'REFUND_WINDOW_CLOSED' });
    expect([await refunds(), await at.asked()]).toEqual([[], []]);
  });
});

describe('what the payment service says', () => {
  test('names the refund, twice under different events: it ends once, and so does its saga', async () => {
    const { id } = await refunded('operator', 0);
    await runAfter(0);
    expect([await tell({ refundId: id }), await tell({ refundId: id })]).toEqual(['applied', 'known']);
    expect((await sagas()).map(({ kind }) => kind)).toEqual(['PURCHASE']);
    expect((await load()).refundedMinor).toBe(PRICE);
  });

  test('names none: it is the only open one; with several open it cannot be told', async () => {
    await refunded('operator', 0);
    await refunded('operator', 1);
    expect(await tell({})).toEqual({ rejected: 'several refunds of the payment are open' });
    const before = await refunds();
    expect(before.map(({ status }) => status)).toEqual(['APPROVED', 'APPROVED']);
    expect(await tell({ refundId: present(before[0]).id })).toBe('applied');
    expect(await tell({})).toBe('applied');
    expect((await refunds()).map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect((await load()).status).toBe('REFUNDED');
  });

  test('names none but an amount, with several open: it is the one of that amount', async () => {
    await refunded('operator', 0);
    await refunded('operator', 1);
    await at.stand.sql(`update order_refunds set amount_minor = amount_minor - 1 where item_ids ? $1`, [
      present(at.items[1]).id,
    ]);
    expect(await tell({ amount: PRICE - 1n })).toBe('applied');
    expect((await refunds()).map(({ status }) => status).sort()).toEqual(['APPROVED', 'SUCCEEDED']);
    expect((await load()).refundedMinor).toBe(PRICE - 1n);
  });

  test('failed, its money given back otherwise, and then said to be given back all the same: a dead letter', async () => {
    const { id } = await refunded('operator', 0);
    await tell({ refundId: id, succeeded: false });
    expect(await tell({ amount: 2n * PRICE })).toBe('applied');
    const [before, version] = [await refunds(), (await load()).version];
    expect(await tell({ refundId: id })).toEqual({ rejected: 'more would be given back than was captured' });
    expect([await refunds(), (await load()).version]).toEqual([before, version]);
  });

  test.each<[string, (id: string) => Partial<RefundMessage>, string]>([
    ['another amount', (id) => ({ refundId: id, amount: 1n }), 'the amount is not that of the refund'],
    [
      'the refund of another payment',
      (id) => ({ refundId: id, paymentId: 'strange' }),
      'the refund is of another payment',
    ],
    ['a payment that is not known', () => ({ paymentId: 'strange' }), 'no refund of the payment is open'],
    [
      'another amount that could not be given back',
      (id) => ({ refundId: id, amount: 1n, succeeded: false }),
      'the amount is not that of the refund',
    ],
    ['an order that is not known', () => ({ orderId: idOf('strange order') }), 'unknown order'],
  ])('with %s: nothing changes, a dead letter', async (_, says, rejected) => {
    const { id } = await refunded('operator', 0);
    const [before, version] = [await refunds(), (await load()).version];
    expect(await tell(says(id))).toEqual({ rejected });
    expect([await refunds(), (await load()).version]).toEqual([before, version]);
  });

  test('with a refund of another order: nothing changes, a dead letter', async () => {
    const { id: strange } = await refunded('operator', 0);
    await at.paidOrder('algebra');
    await refunded('operator');
    const [before, version] = [await refunds(), (await load()).version];
    for (const succeeded of [true, false])
      expect(await tell({ refundId: strange, succeeded })).toEqual({ rejected: 'the refund is of another order' });
    expect([await refunds(), (await load()).version]).toEqual([before, version]);
  });

  test('a return that nobody asked for: an operator made it there; the whole once, more never', async () => {
    expect(await tell({})).toBe('applied');
    expect(await refunds()).toMatchObject([
      { status: 'SUCCEEDED', reason: 'OPERATOR', amount_minor: String(2n * PRICE) },
    ]);
    expect((await load()).status).toBe('REFUNDED');
    expect(await tell({})).toEqual({ rejected: 'how much was given back cannot be told' });
    expect(await tell({ amount: 1n })).toEqual({ rejected: 'more would be given back than was captured' });
  });

  test('failed, and then all the same given back: the refund is settled', async () => {
    const { id } = await refunded('operator', 0);
    expect(await tell({ refundId: id, succeeded: false })).toBe('applied');
    expect(await tell({ refundId: id, succeeded: false })).toBe('known');
    expect(await tell({ refundId: id })).toBe('applied');
    expect(await tell({ refundId: id, succeeded: false })).toEqual({ rejected: 'the refund was given back before' });
    expect((await refunds()).map(({ status }) => status)).toEqual(['SUCCEEDED']);
  });

  test('a surplus whose return failed, and that is given back all the same without its id: it is that refund, once', async () => {
    await at.pay('second');
    await runAfter(0);
    const paymentId = paymentOf('second');
    const [surplus] = await refunds();
    expect(await tell({ paymentId, refundId: present(surplus).id, succeeded: false })).toBe('applied');
    expect(await tell({ paymentId, amount: 2n * PRICE })).toBe('applied');
    expect(await refunds()).toMatchObject([{ id: present(surplus).id, status: 'SUCCEEDED' }]);
    expect((await sagas()).map(({ kind }) => kind)).toEqual(['PURCHASE']);
    expect((await load()).refundedMinor).toBe(2n * PRICE);
  });

  test('a surplus whose return failed, and that went back otherwise: asking again asks for nothing', async () => {
    await at.pay('second');
    await runAfter(0);
    const paymentId = paymentOf('second');
    await tell({ paymentId, refundId: present((await refunds())[0]).id, succeeded: false });
    await tell({ paymentId, amount: 100n });
    await runAfter(1);
    const asked = (await at.asked()).length;
    const stuck = present((await sagas()).find(({ kind }) => kind === 'REFUND'));
    await createRetrySaga(at.stand.env)(OPERATOR, stuck.id);
    await runAfter(1);
    const statuses = (await refunds()).map(({ status }) => status).sort();
    expect([(await at.asked()).length, statuses]).toEqual([asked, ['FAILED', 'SUCCEEDED']]);
    expect((await sagas()).map(({ kind }) => kind)).toEqual(['PURCHASE']);
  });

  test('that a payment was given back whole while a part of it was on its way: the part has ended, and the rest went too', async () => {
    await refunded('operator', 0);
    expect(await tell({ amount: 2n * PRICE })).toBe('applied');
    expect((await refunds()).map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const order = await load();
    expect([order.status, order.refundedMinor, order.capturedMinor]).toEqual(['REFUNDED', 2n * PRICE, 2n * PRICE]);
  });

  test('that one item was given back twice, which is the whole payment: nothing of the order is delivered any more', async () => {
    const { id: first } = await refunded('operator', 0);
    await tell({ refundId: first, succeeded: false });
    const { id: second } = await refunded('operator', 0);
    await tell({ refundId: second });
    await tell({ refundId: first });
    const order = await load();
    expect([order.status, order.fulfilment, order.currentItems.map(({ fulfilment }) => fulfilment)]).toEqual([
      'REFUNDED',
      'REVOKED',
      ['REVOKED', 'REVOKED'],
    ]);
  });

  test('about several orders in one batch, in any order of ids: all take effect', async () => {
    const first = { orderId: at.order.id, refundId: (await refunded('operator', 0)).id, paymentId: paymentOf('first') };
    await at.paidOrder('algebra');
    const second = { orderId: at.order.id, refundId: (await refunded('operator')).id, paymentId: paymentOf('first') };
    const messages = [second, first].map((one, n) => ({
      ...one,
      amount: null,
      succeeded: true,
      eventId: idOf(`batch ${n}`),
      inbox: { topic: 'refunded', eventKey: `batch ${n} of ${at.order.id}` },
    }));
    expect(await recordRefunds(at.stand.env, messages)).toEqual(['applied', 'applied']);
  });
});
