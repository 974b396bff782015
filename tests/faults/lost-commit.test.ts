import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCancelOrder } from '../../src/commands/cancel-order.js';
import { recordPayments } from '../../src/commands/record-payments.js';
import { createRequestRefund } from '../../src/commands/request-refund.js';
import { CheckoutProvider } from '../../src/entities/enums.js';
import type { Order } from '../../src/entities/order.js';
import { idSequence } from '../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../support/order-stand.js';
import { paymentFact } from '../support/orders.js';

const LEASE_MS = 30_000;

let stand: OrderStand;
let order: Order;
const nextBuyer = idSequence('lost commit');

beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());
beforeEach(async () => {
  order = await placeFor(stand, nextBuyer(), 'algebra');
  stand.neighbours.calls.splice(0);
});

/** PostgreSQL commits what holds these words, and the connection breaks before its answer: the caller cannot know. */
function loseCommitOf(words: string): void {
  let isSent = false;
  stand.proxy.loseAnswerOf((sql) => {
    isSent ||= sql.includes(words);
    return isSent && /\bcommit$/i.test(sql);
  });
}
const actor = () => ({ userId: order.buyerId, isOperator: false });
const events = async () =>
  (
    await stand.sql<{ type: string }>('select type from order_events where order_id = $1 order by version', [order.id])
  ).map(({ type }) => type);
const counted = async (table: string) =>
  (await stand.sql<{ n: number }>(`select count(*)::int as n from ${table} where order_id = $1`, [order.id]))[0]?.n;
const start = () =>
  stand.startPayment(actor(), {
    orderId: order.id,
    provider: CheckoutProvider.STRIPE,
    successUrl: null,
    cancelUrl: null,
    expectedVersion: null,
    idempotencyKey: 'start',
  });
const pay = () => {
  const fact = paymentFact('succeeded', `payment of ${order.id}`, stand.clock.now());
  return recordPayments(stand.env, [{ orderId: order.id, fact, inbox: { topic: 't', eventKey: order.id } }]);
};

describe('given a COMMIT that was done and whose answer was lost', () => {
  test('when startPayment is repeated under its key, then there is one payment, however often it is called', async () => {
    loseCommitOf('PAYMENT_REQUESTED');
    await expect(start()).rejects.toThrow();
    stand.clock.advance(LEASE_MS + 1);
    expect(await start()).toMatchObject({ replayed: false });
    expect(await start()).toMatchObject({ replayed: true });
    expect(await counted('payment_attempts')).toBe(1);
    expect(stand.neighbours.calls).toHaveLength(1);
    expect(await events()).toEqual(['PLACED', 'PAYMENT_REQUESTED', 'PAYMENT_INITIATED']);
  });

  test('when the answer of the payment service was being attached, then the repeat answers that payment', async () => {
    loseCommitOf('PAYMENT_INITIATED');
    await expect(start()).rejects.toThrow();
    expect(await start()).toMatchObject({ replayed: true });
    expect(await counted('payment_attempts')).toBe(1);
    expect(stand.neighbours.calls).toHaveLength(1);
  });

  test('when cancelOrder is repeated, then it is cancelled once and answers success', async () => {
    const cancelOrder = createCancelOrder(stand.env);
    const cancel = () => cancelOrder(actor(), { orderId: order.id, note: null, expectedVersion: null });
    loseCommitOf('CANCELLED');
    await expect(cancel()).rejects.toThrow();
    expect(await cancel()).toMatchObject({ order: { status: 'CANCELLED', version: 2 } });
    expect(await events()).toEqual(['PLACED', 'CANCELLED']);
  });

  test('when requestRefund is repeated under its key, then there is one refund', async () => {
    await pay();
    const requestRefund = createRequestRefund(stand.env);
    const ask = () =>
      requestRefund(actor(), { orderId: order.id, itemIds: null, note: null, idempotencyKey: 'refund' });
    loseCommitOf('REFUND_REQUESTED');
    await expect(ask()).rejects.toThrow();
    expect(await ask()).toMatchObject({ replayed: true });
    expect(await counted('order_refunds')).toBe(1);
  });

  test('when news of a payment are delivered again, then they take effect once', async () => {
    loseCommitOf('PAYMENT_SUCCEEDED');
    await expect(pay()).rejects.toThrow();
    await pay();
    expect(await events()).toEqual(['PLACED', 'PAYMENT_SUCCEEDED', 'SUCCEEDED']);
    expect(await counted('sagas')).toBe(1);
    const messages = await stand.sql('select topic from outbox where aggregate_id = $1 order by aggregate_version', [
      order.id,
    ]);
    expect(messages).toEqual([{ topic: 'order.course.created.v1' }, { topic: 'order.course.succeeded.v1' }]);
  });
});
