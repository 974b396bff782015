import { beforeEach, describe, expect, test } from '@jest/globals';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import { present } from '../../support/present.js';

import { paymentSaga } from './payment-saga.js';

const at = paymentSaga();
const { load, runAfter, sagas, tell, attempt } = at;

const startPayment = () =>
  at.stand.startPayment(
    { userId: at.order.buyerId, isOperator: false },
    {
      orderId: at.order.id,
      provider: CheckoutProvider.STRIPE,
      successUrl: null,
      cancelUrl: null,
      expectedVersion: null,
      idempotencyKey: null,
    },
  );
describe('a start that was not answered', () => {
  beforeEach(async () => {
    at.stand.neighbours.down.add('payment');
    expect(await startPayment()).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'payment' });
  });

  test('is left to the process that asked for 15 seconds', async () => {
    await runAfter(14.9);
    expect(at.stand.neighbours.calls).toHaveLength(1);
  });

  test('is repeated under the same key; its answer is attached to the intent', async () => {
    at.stand.neighbours.down.clear();
    await runAfter(15);
    const [first, second, ...others] = at.stand.neighbours.calls;
    expect([second, others]).toEqual([first, []]);
    const after = await load();
    expect([after.status, after.attempts.length, await sagas()]).toEqual(['PROCESSING', 1, []]);
    expect(after.attempts.getItems()[0]).toMatchObject({
      state: 'PENDING',
      paymentId: at.stand.neighbours.paymentIdOf(present(first).key),
      session: { provider: 'STRIPE' },
    });
  });

  test('is repeated with back-off while nobody answers, always under the same key', async () => {
    for (const seconds of [15, 1, 2]) await runAfter(seconds);
    expect(new Set(at.stand.neighbours.calls.map(({ key }) => key)).size).toBe(1);
    expect([at.stand.neighbours.calls.length, await sagas()]).toEqual([
      4,
      [{ step: 'START', failures: 3, last_error: 'the payment service does not answer' }],
    ]);
  });

  test('the buyer tries again: the same intent, the same key, one payment', async () => {
    at.stand.neighbours.down.clear();
    expect(await startPayment()).toMatchObject({ order: { status: 'PROCESSING' }, replayed: false });
    await runAfter(15);
    expect([at.stand.neighbours.calls.length, await sagas()]).toEqual([2, []]);
    expect(new Set(at.stand.neighbours.calls.map(({ key }) => key)).size).toBe(1);
  });

  test('and is then refused: the intent is over, the order payable', async () => {
    at.stand.neighbours.down.clear();
    at.stand.neighbours.refusal = 'ORDER_NOT_PAYABLE';
    await runAfter(15);
    const after = await load();
    expect([after.status, after.attempts.getItems()[0]?.state, await sagas()]).toEqual([
      'PENDING_PAYMENT',
      'FAILED',
      [],
    ]);
  });

  test('an earlier call still runs at the payment service: asked again later', async () => {
    at.stand.neighbours.down.clear();
    at.stand.neighbours.refusal = 'IDEMPOTENCY_EXCEPTION';
    await runAfter(15);
    expect(await sagas()).toMatchObject([{ step: 'START', failures: 1 }]);
    expect((await load()).attempts.getItems()[0]?.state).toBe('INTENT');
  });

  test('is not repeated when its time is over', async () => {
    at.stand.neighbours.down.clear();
    await runAfter(12 * 60);
    expect([at.stand.neighbours.calls.length, await sagas()]).toEqual([1, []]);
  });
});

describe('an attempt that is to end', () => {
  beforeEach(async () => {
    await tell('initiated', 'first');
    at.stand.clock.advance(1_000);
    await tell('initiated', 'second');
  });

  test('is cancelled at the payment service, once, and the newer one goes on', async () => {
    await runAfter(0);
    expect(at.stand.neighbours.calls.map(({ operation }) => operation)).toEqual(['cancel']);
    expect([(await attempt('first')).state, (await attempt('second')).state]).toEqual(['CANCELLED', 'PENDING']);
    expect([(await load()).status, await sagas()]).toEqual(['PROCESSING', []]);
  });

  test('that is being captured is left to its own event', async () => {
    at.stand.neighbours.refusal = 'PAYMENT_CAPTURED';
    await runAfter(0);
    expect([(await attempt('first')).state, await sagas()]).toEqual(['PENDING', []]);
  });

  test('that ended by itself needs no call', async () => {
    await tell('failed', 'first');
    await runAfter(0);
    expect([at.stand.neighbours.calls, await sagas()]).toEqual([[], []]);
  });

  test('while the service does not answer, is tried again', async () => {
    at.stand.neighbours.down.add('payment');
    await runAfter(0);
    expect(await sagas()).toMatchObject([{ step: 'CANCEL', failures: 1 }]);
    at.stand.neighbours.down.clear();
    await runAfter(1);
    expect([(await attempt('first')).state, await sagas()]).toEqual(['CANCELLED', []]);
  });
});
