import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from 'nice-grpc';
import type { DeepPartial, OrderData } from '../../../src/generated/order_service.js';
import { Provider } from '../../../src/generated/payment_common.js';
import { customerOf, withKey } from './customer.js';
import type { Stand } from './stand.js';
import { openStand, payableOrder } from './stand.js';

let stand: Stand;
let customer: ReturnType<typeof customerOf>;
beforeAll(async () => {
  stand = await openStand();
  customer = customerOf(stand);
});
afterAll(() => stand.close());

describe('idempotency keys', () => {
  it('are needed as metadata, outside of what is answered in band', async () => {
    const cancel = customer.payments().cancelPayment({ provider: Provider.STRIPE, providerOrderId: 'x' });
    await expect(cancel).rejects.toMatchObject({ code: Status.INTERNAL, details: 'Idempotency Key is missing' });
  });

  it('must be UUIDs', async () => {
    const { result } = await customer.createFor({}, 'my-key');
    expect(result).toMatchObject({ $case: 'error', value: { code: 'BadRequestException' } });
  });

  it('are remembered by the key alone, across orders and operations', async () => {
    const key = randomUUID();
    const first = await customer.createFor({}, key);
    const paymentId = first.result?.$case === 'success' ? first.result.value.paymentId : '';
    expect((await customer.createFor({}, key)).result).toEqual(first.result);
    const cancelled = await customer
      .payments()
      .cancelPayment({ provider: Provider.STRIPE, providerOrderId: 'x' }, withKey(key));
    expect(cancelled.result).toEqual({
      $case: 'success',
      value: { status: 'pending', paymentId, providerOrderId: '' },
    });
  });

  it('in use at the same time: one works, the others are refused', async () => {
    const key = randomUUID();
    const [orderId, userId] = [randomUUID(), randomUUID()];
    stand.orders.answers.set(orderId, payableOrder(orderId, userId));
    const calls = Array.from({ length: 5 }, () =>
      customer.payments().createPayment({ orderId, userId, idempotencyKey: key }),
    );
    const results = (await Promise.all(calls)).map(({ result }) => result);
    const ids = new Set(results.flatMap((result) => (result?.$case === 'success' ? [result.value.paymentId] : [])));
    expect(ids.size).toBe(1);
    const codes = results.flatMap((result) => (result?.$case === 'error' ? [result.value.code] : []));
    expect(new Set([...codes, 'IDEMPOTENCY_EXCEPTION']).size).toBe(1);
    const { rows } = await stand.pool.query('SELECT 1 FROM neighbours.payments WHERE order_id = $1', [orderId]);
    expect(rows).toHaveLength(1);
  });

  it('are free again after a refusal', async () => {
    const key = randomUUID();
    expect((await customer.createFor({ status: 'expired' }, key)).result).toMatchObject({ $case: 'error' });
    expect((await customer.createFor({}, key)).result).toMatchObject({ $case: 'success' });
  });
});

describe('checks of the order', () => {
  it.each<[string, DeepPartial<OrderData>, string, RegExp]>([
    ['a paid order', { status: 'succeeded' }, 'BadRequestException', /succeeded/],
    ['another currency', { amount: { total: 49_900, currency: 'JPY' } }, 'BadRequestException', /JPY/],
    ['a sum that is off by 2', { items: [{ price: 49_898 }] }, 'BadRequestException', /sum/],
    ['nothing to pay', { amount: { total: 0, currency: 'INR' }, items: [{ price: 0 }] }, 'BadRequestException', /zero/],
    ['no items', { items: [] }, 'TypeError', /undefined/],
    ['half a paisa', { amount: { total: 0.5, currency: 'INR' }, items: [{ price: 0.5 }] }, 'RangeError', /integer/],
  ])('%s is refused in band', async (_what, changes, code, message) => {
    const { orderId, result } = await customer.createFor(changes);
    expect(result).toMatchObject({ $case: 'error', value: { code, message: expect.stringMatching(message) } });
    const { rows } = await stand.pool.query('SELECT 1 FROM neighbours.payments WHERE order_id = $1', [orderId]);
    expect(rows).toHaveLength(0);
  });

  it('a sum off by 1 passes', async () => {
    expect((await customer.createFor({ items: [{ price: 49_899 }] })).result?.$case).toBe('success');
  });

  it('an unknown order is a DOMAIN_EXCEPTION, after two retries', async () => {
    const orderId = randomUUID();
    const request = { orderId, userId: randomUUID(), idempotencyKey: randomUUID() };
    const { result } = await customer.payments().createPayment(request);
    expect(result).toMatchObject({
      $case: 'error',
      value: { code: 'DOMAIN_EXCEPTION', details: [{ field: 'service' }] },
    });
    expect(stand.orders.calls.filter((call) => call.orderId === orderId)).toHaveLength(3);
  });

  it('an order is asked for once in 600 s, with both ids and without metadata', async () => {
    const { orderId, userId } = await customer.createFor();
    stand.orders.answers.set(orderId, payableOrder(orderId, userId, { status: 'succeeded' }));
    const again = await customer.payments().createPayment({ orderId, userId, idempotencyKey: randomUUID() });
    expect(again.result?.$case).toBe('success');
    const calls = stand.orders.calls.filter((call) => call.orderId === orderId);
    expect(calls).toEqual([{ orderId, userId, metadataKeys: calls[0]?.metadataKeys }]);
    expect(calls[0]?.metadataKeys.filter((name) => /^(x-|authorization|idempotency)/.test(name))).toEqual([]);
  });
});

describe('a lost answer', () => {
  it('leaves the payment made; the same key tells it', async () => {
    const key = randomUUID();
    stand.neighbours.payment.faults = { loseAnswer: true, methods: ['CreatePayment'] };
    await expect(customer.createFor({}, key)).rejects.toMatchObject({ code: Status.UNAVAILABLE });
    stand.neighbours.payment.faults = {};
    const { result } = await customer.createFor({}, key);
    expect(await customer.statusOf(result?.$case === 'success' ? result.value.paymentId : '')).toBe('pending');
  });
});
