import { describe, expect, test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { idOf } from '../../support/ids.js';
import { paymentFact } from '../../support/orders.js';
import { orderIn, refusal, type WireOutcome } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const at = grpcStand();
const { call, nextBuyer, place } = at;
const placed = async (buyer: string, course = 'algebra') => String(orderIn(await place(buyer, [course])).id);
const tell = (orderId: string, kind: PaymentFactKind) =>
  recordPayments(at.stand.env, [
    {
      orderId,
      fact: paymentFact(kind, `payment of ${orderId}`, at.stand.clock.now()),
      inbox: { topic: kind, eventKey: orderId },
    },
  ]);
const list = (outcome: WireOutcome) => {
  const { success } = outcome.answer as { success: { orders?: { id: string }[]; total?: number } };
  return { ids: (success.orders ?? []).map(({ id }) => id), total: success.total ?? 0 };
};
const MISSING = { status: 'NOT_FOUND', error_code: 'NOT_FOUND', reason: 'ORDER_NOT_FOUND' };

describe('GetOrderById', () => {
  test('as the payment service calls it: no metadata, only the ids; the payment comes along', async () => {
    const buyer = nextBuyer();
    const id = await placed(buyer);
    expect(orderIn(await call('GetOrderById', { order_id: id, user_id: buyer })).payment_details).toBeUndefined();
    await tell(id, 'initiated');
    const order = orderIn(await call('GetOrderById', { order_id: id.toUpperCase(), user_id: buyer }));
    expect(order).toMatchObject({
      status: 'processing',
      payment_details: {
        payment_id: `payment of ${id}`,
        provider: 'stripe',
        provider_order_id: `session of payment of ${id}`,
        payment_status: 'pending',
      },
    });
    await tell(id, 'succeeded');
    expect(orderIn(await call('GetOrderById', { order_id: id, user_id: buyer }))).toMatchObject({
      status: 'succeeded',
      payment_details: { payment_status: 'success' },
    });
  });

  test("what is missing and what is another user's look the same, at once", async () => {
    const id = await placed(nextBuyer());
    expect(refusal(await call('GetOrderById', { order_id: id, user_id: nextBuyer() }))).toEqual(MISSING);
    expect(refusal(await call('GetOrderById', { order_id: idOf('no order'), user_id: nextBuyer() }))).toEqual(MISSING);
    expect(refusal(await call('GetOrderById', { order_id: 'EL-1', user_id: nextBuyer() }))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'INVALID_ORDER_ID',
    });
  });

  test.each([
    ['24 bits', 16_777_216n, true],
    ['one more, which a 32-bit float cannot hold', 16_777_217n, false],
    ['whole rupees far above, which it can', 20_000_000n, true],
  ])('an amount of %s is exact or refused, never changed; a list shows the nearest', async (_, total, fits) => {
    const buyer = nextBuyer();
    const id = await placed(buyer);
    await at.stand.sql('update orders set total_minor = $1, subtotal_minor = $1 where id = $2', [total, id]);
    await at.stand.sql('update order_items set price_minor = $1, list_price_minor = $1 where order_id = $2', [
      total,
      id,
    ]);
    const outcome = await call('GetOrderById', { order_id: id, user_id: buyer });
    if (fits)
      expect(orderIn(outcome)).toMatchObject({ amount: { total: Number(total) }, items: [{ price: Number(total) }] });
    else expect(refusal(outcome)).toMatchObject({ status: 'OUT_OF_RANGE', reason: 'AMOUNT_TOO_LARGE' });
    expect(list(await call('GetOrders', { user_id: buyer })).ids).toEqual([id]);
  });
});

describe('GetOrderStatus', () => {
  test('as the gateway polls it: no metadata, no user', async () => {
    const id = await placed(nextBuyer());
    expect((await call('GetOrderStatus', { order_id: id })).answer).toEqual({
      success: { status: 'pending_payment', order_id: id },
      result: 'success',
    });
    expect(refusal(await call('GetOrderStatus', { order_id: idOf('no order') }))).toEqual(MISSING);
  });
});

describe('GetOrders', () => {
  const buyer = idOf('a buyer of five');
  let ids: string[];
  const ask = async (params: object) => list(await call('GetOrders', { user_id: buyer, params }));

  test('newest first, twenty a page; the total counts all', async () => {
    ids = [];
    for (const course of ['a', 'b', 'c', 'd', 'e']) {
      ids.unshift(await placed(buyer, course));
      at.stand.clock.advance(1_000);
    }
    expect(list(await call('GetOrders', { user_id: buyer }))).toEqual({ ids, total: 5 });
  });

  test.each([
    [{ page_size: 2 }, [0, 1]],
    [{ page: 2, page_size: 2 }, [2, 3]],
    [{ page: 3, page_size: 2 }, [4]],
    [{ page: 9, page_size: 2 }, []],
    [{ page: 0, page_size: -1 }, [0, 1, 2, 3, 4]],
    [{ sort_order: 'ASC', page_size: 2 }, [4, 3]],
    [{ sort_order: ' desc ' }, [0, 1, 2, 3, 4]],
    [{ page_size: 2_000_000_000 }, [0, 1, 2, 3, 4]],
  ])('%j', async (params, places) => {
    expect(await ask(params)).toEqual({ ids: places.map((place) => ids[place]), total: 5 });
  });

  test('the words for statuses', async () => {
    await tell(String(ids[0]), 'initiated');
    await tell(String(ids[1]), 'failed');
    await tell(String(ids[2]), 'succeeded');
    await at.stand.sql(`update orders set status = 'EXPIRED' where id = $1`, [ids[3]]);
    const words = {
      pending: [0, 4],
      processing: [0],
      pending_payment: [4],
      created: [],
      Failed: [1],
      succeeded: [2],
      completed: [2],
      cancelled: [3],
      expired: [3],
      refunded: [],
      ' ALL ': [0, 1, 2, 3, 4],
      '': [0, 1, 2, 3, 4],
    };
    for (const [status, places] of Object.entries(words)) {
      expect({ status, ...(await ask({ status })) }).toEqual({
        status,
        ids: places.map((place) => ids[place]),
        total: places.length,
      });
    }
  });

  test.each([[{ status: 'paid' }], [{ sort_order: 'up' }], [{ page: 2_000_000_000 }]])(
    '%j is refused',
    async (params) => {
      expect(refusal(await call('GetOrders', { user_id: buyer, params }))).toEqual({
        status: 'INVALID_ARGUMENT',
        error_code: 'INVALID_ARGUMENT',
        reason: 'INVALID_PARAMS',
      });
    },
  );

  test('takes two statements, however many orders', async () => {
    at.stand.proxy.takeStatements();
    await call('GetOrders', { user_id: buyer });
    expect(at.stand.proxy.takeStatements()).toHaveLength(2);
  });
});

describe('GetRevenueStats', () => {
  test('twelve months, net of refunds, by the day of payment, in minor units', async () => {
    const before = await call('GetRevenueStats', { year: 2026 });
    const id = await placed(nextBuyer());
    await tell(id, 'succeeded');
    const after = await call('GetRevenueStats', { year: 2026 });
    const months = (outcome: WireOutcome) =>
      (outcome.answer as { success: { revenue_stats: { month: number; revenue?: number }[] } }).success.revenue_stats;
    expect(months(after).map(({ month }) => month)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect((months(after)[2]?.revenue ?? 0) - (months(before)[2]?.revenue ?? 0)).toBe(49_900);
    expect(refusal(await call('GetRevenueStats', { year: 0 }))).toMatchObject({ reason: 'INVALID_YEAR' });
  });
});
