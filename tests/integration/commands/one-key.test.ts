import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRequestRefund } from '../../../src/commands/request-refund.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import type { Order } from '../../../src/entities/order.js';
import { idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { paymentFact } from '../../support/orders.js';
import { present } from '../../support/present.js';

const CALLS = 200;

let stand: OrderStand;
let processes: readonly TestProcess[];
let order: Order;
const nextBuyer = idSequence('one key');

beforeAll(async () => {
  stand = await openOrderStand();
  processes = [await stand.newProcess(), await stand.newProcess()];
});
afterAll(() => stand.close());
beforeEach(async () => {
  order = await placeFor(stand, nextBuyer(), 'algebra');
  stand.neighbours.calls.splice(0);
});

/** Many calls at once, in turn over two processes. */
const atOnce = <T>(call: (process: TestProcess) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: CALLS }, (_, n) => call(present(processes[n % 2]))));

/** The distinct answers, and how many of them were not replayed. */
function summary<T extends object>(outcomes: readonly T[]) {
  const fresh = outcomes.filter((one) => 'replayed' in one && one.replayed === false).length;
  const different = new Set(outcomes.map((one) => JSON.stringify(one, plain)));
  return { answers: outcomes.length, different: different.size, fresh };
}

/** Entities as their columns, without `replayed`. */
const plain = (key: string, value: unknown) => {
  if (key === 'replayed' || key === 'order') return undefined;
  return typeof value === 'bigint' ? String(value) : value;
};
const actor = () => ({ userId: order.buyerId, isOperator: false });

const start = (process: TestProcess, provider: CheckoutProvider, key: string, expectedVersion: number | null = null) =>
  process.startPayment(actor(), {
    orderId: order.id,
    provider,
    successUrl: null,
    cancelUrl: null,
    expectedVersion,
    idempotencyKey: key,
  });

describe('200 calls at once under one key, over two processes', () => {
  test('startPayment, with the version that all of them saw: one payment, 200 equal answers', async () => {
    const outcomes = await atOnce((process) => start(process, CheckoutProvider.STRIPE, 'start', 1));
    expect(outcomes.every((one) => 'payment' in one && one.payment.state === 'PENDING')).toBe(true);
    const ids = new Set(outcomes.map((one) => ('payment' in one ? one.payment.paymentId : 'none')));
    expect(ids.size).toBe(1);
    expect(outcomes.filter((one) => 'replayed' in one && !one.replayed)).toHaveLength(1);
    expect(stand.neighbours.calls).toHaveLength(1);
    expect(await stand.sql('select 1 from payment_attempts where order_id = $1', [order.id])).toHaveLength(1);
  });

  test('confirmPayment: the payment service is told once, 200 successes', async () => {
    const started = await start(present(processes[0]), CheckoutProvider.PAYPAL, 'before');
    if (!('payment' in started)) throw new Error('the payment was not started');
    const paymentId = started.payment.paymentId ?? '';
    const outcomes = await atOnce((process) =>
      process.confirmPayment(actor(), { orderId: order.id, paymentId, razorpay: null, idempotencyKey: 'confirm' }),
    );
    expect(outcomes.every((one) => 'payment' in one && one.payment.confirmedAt !== null)).toBe(true);
    expect(outcomes.filter((one) => 'replayed' in one && !one.replayed)).toHaveLength(1);
    expect(stand.neighbours.calls.map(({ operation }) => operation)).toEqual(['start', 'resolve']);
    const confirmed = `select 1 from order_events where order_id = $1 and type = 'PAYMENT_CONFIRMED'`;
    expect(await stand.sql(confirmed, [order.id])).toHaveLength(1);
  });

  test('requestRefund: one refund, 200 equal answers', async () => {
    const fact = paymentFact('succeeded', `payment of ${order.id}`, stand.clock.now());
    await recordPayments(stand.env, [{ orderId: order.id, fact, inbox: { topic: 't', eventKey: order.id } }]);
    const commands = new Map(processes.map((process) => [process, createRequestRefund(process.env)]));
    const input = { orderId: order.id, itemIds: null, note: null, idempotencyKey: 'refund' };
    const outcomes = await atOnce((process) => present(commands.get(process))(actor(), input));
    expect(outcomes.every((one) => 'refund' in one)).toBe(true);
    expect(summary(outcomes)).toEqual({ answers: CALLS, different: 1, fresh: 1 });
    expect(await stand.sql('select 1 from order_refunds where order_id = $1', [order.id])).toHaveLength(1);
  });
});

describe('a refusal under a key', () => {
  test('is not remembered: the same key serves again when the reason has gone', async () => {
    stand.neighbours.refusal = 'PROVIDER_DOWN';
    expect(await start(stand, CheckoutProvider.STRIPE, 'again')).toMatchObject({ code: 'PAYMENT_REFUSED' });
    stand.neighbours.refusal = undefined;
    expect(await start(stand, CheckoutProvider.STRIPE, 'again')).toMatchObject({ replayed: false });
    expect(await start(stand, CheckoutProvider.PAYPAL, 'again')).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('a remembered success is answered although the user service is down', async () => {
    await start(stand, CheckoutProvider.STRIPE, 'remembered');
    stand.neighbours.down.add('user');
    expect(await start(stand, CheckoutProvider.STRIPE, 'remembered')).toMatchObject({ replayed: true });
    stand.neighbours.down.clear();
  });
});
