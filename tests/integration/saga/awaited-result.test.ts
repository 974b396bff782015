import { beforeEach, describe, expect, test } from '@jest/globals';
import { expireDueOrders } from '../../../src/commands/expire-orders.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import { idOf } from '../../support/ids.js';
import { paymentSaga } from './payment-saga.js';

const at = paymentSaga();
const { attempt, load, runAfter, sagas, tell } = at;
const paymentId = () => `first of ${at.order.id}`;
const says = (end: 'succeeded' | 'failed' | undefined) =>
  at.stand.neighbours.known.set(paymentId(), { end, provider: CheckoutProvider.STRIPE, providerOrderId: 'cs_1' });
const ASKING = { step: 'ASK_RESULT', failures: 0, last_error: null };
const STUCK = { ...ASKING, last_error: 'the payment service tells no result' };

/** Lets the saga ask every minute until it has given up, an hour after the buyer said that the payment is finished. */
const askForAnHour = async () => {
  for (let minute = 1; minute <= 61; minute++) await runAfter(60);
};

describe('the result of a payment that the buyer has finished', () => {
  beforeEach(async () => {
    at.stand.neighbours.known.clear();
    await tell('initiated');
    const actor = { userId: at.order.buyerId, isOperator: false };
    const input = { orderId: at.order.id, paymentId: paymentId(), razorpay: null, idempotencyKey: null };
    expect(await at.stand.confirmPayment(actor, input)).toMatchObject({ order: { status: 'PROCESSING' } });
  });

  test('is asked for after a minute, again every minute, until it is there', async () => {
    says('succeeded');
    await runAfter(59);
    expect([(await load()).status, await sagas()]).toEqual(['PROCESSING', [ASKING]]);
    says(undefined);
    await runAfter(1);
    await runAfter(60);
    says('succeeded');
    await runAfter(59);
    expect([(await load()).status, await sagas()]).toEqual(['PROCESSING', [ASKING]]);
    await runAfter(1);
    expect([(await load()).status, await sagas()]).toEqual(['SUCCEEDED', []]);
  });

  test.each([
    ['of another order', { orderId: idOf('another order') }, 'ANOTHER_ORDER'],
    ['of less money', { amountMinor: 1n, currency: 'INR' }, 'AMOUNT_TOO_LOW'],
    ['of another currency', { amountMinor: 9_999_999n, currency: 'IDR' }, 'ANOTHER_CURRENCY'],
  ])('that is a capture %s waits for an operator, once', async (_, answer, reason) => {
    at.stand.neighbours.known.set(paymentId(), {
      end: 'succeeded',
      provider: CheckoutProvider.STRIPE,
      providerOrderId: 'cs_1',
      ...answer,
    });
    await runAfter(60);
    await runAfter(60);
    const rows = await at.stand.sql<{ reasons: string[] }>(
      'select reasons from suspicious_payments where order_id = $1',
      [at.order.id],
    );
    expect([(await load()).status, rows]).toEqual(['PROCESSING', [{ reasons: [reason] }]]);
    await tell('failed');
    expect((await load()).status).toBe('FAILED');
  });

  test('that is a decline fails the order', async () => {
    says('failed');
    await runAfter(60);
    expect([(await load()).status, await sagas()]).toEqual(['FAILED', []]);
  });

  test('that does not come within an hour is a matter for an operator; until then the order does not expire', async () => {
    await runAfter(60);
    at.stand.clock.advance(45 * 60_000);
    expect(await expireDueOrders(at.stand.env, 10, true)).toEqual({ expired: 0, postponed: 1 });
    await askForAnHour();
    expect(await sagas()).toEqual([STUCK]);
    expect(await expireDueOrders(at.stand.env, 10, true)).toEqual({ expired: 1, postponed: 0 });
  });

  test('that comes by itself after all ends the saga that was stuck, and is late money', async () => {
    await askForAnHour();
    await expireDueOrders(at.stand.env, 10, true);
    expect([(await load()).status, (await sagas()).length]).toEqual(['EXPIRED', 2]);
    await tell('succeeded');
    expect((await attempt('first')).capture).toBe('UNDECIDED');
    expect((await sagas()).map(({ step }) => step).sort()).toEqual(['CANCEL', 'DECIDE_LATE_MONEY']);
    await runAfter(0);
    expect([(await load()).status, await sagas()]).toEqual(['SUCCEEDED', []]);
  });

  test('news of another payment of the order leave the saga alone', async () => {
    await tell('failed', 'second');
    expect(await sagas()).toEqual([ASKING]);
  });
});
