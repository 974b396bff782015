import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createReviewPayment, type ReviewPaymentOutcome } from '../../../../src/commands/payment/review-payment.js';
import { verifyPayments } from '../../../../src/commands/payment/verify-payments.js';
import { recordPayments, type PaymentMessage } from '../../../../src/commands/record-payments.js';
import type { Environment } from '../../../../src/commands/environment.js';
import { CheckoutProvider } from '../../../../src/entities/enums.js';
import type { Order } from '../../../../src/entities/order.js';
import type { PaymentClaims } from '../../../../src/entities/payment/payment-claims.js';
import { SagaKind } from '../../../../src/entities/saga.js';
import { createMetrics } from '../../../../src/observability/metrics.js';
import type { KnownPayment } from '../../../../src/platform/neighbours.js';
import { createPaymentSaga } from '../../../../src/saga/payment.js';
import { SagaRunner } from '../../../../src/saga/runner.js';
import { idOf, idSequence } from '../../../support/ids.js';
import { testLog } from '../../../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../../../support/order-stand.js';
import { paymentFact } from '../../../support/orders.js';
import { minutes } from '../../../support/test-clock.js';

const OPERATOR = { userId: idOf('operator'), isOperator: true };
let stand: OrderStand;
let order: Order;
let runner: SagaRunner;
const nextBuyer = idSequence('suspect');

beforeAll(async () => {
  stand = await openOrderStand();
  const handlers = { [SagaKind.PAYMENT]: createPaymentSaga(stand.env) };
  runner = new SagaRunner(stand.fork, handlers, stand.clock, createMetrics(), testLog());
});
afterAll(() => stand.close());
beforeEach(async () => {
  stand.neighbours.known.clear();
  stand.neighbours.down.clear();
  order = await placeFor(stand, nextBuyer(), 'algebra');
});

const paymentId = () => `payment of ${order.id}`;
const capture = (claims?: PaymentClaims): PaymentMessage => ({
  orderId: order.id,
  fact: { ...paymentFact('succeeded', paymentId(), minutes(1)), claims },
  inbox: { topic: 'payment.order.succeeded.v1', eventKey: `capture of ${order.id}` },
});
const parkedRows = () =>
  stand.sql<{ id: string; status: string; reasons: string[] }>(
    'select id, status, reasons, note, decided_by_id from suspicious_payments where order_id = $1',
    [order.id],
  );
const statusOf = async () => (await stand.load(order.id)).status;
const says = (changes: Partial<KnownPayment> = {}) =>
  stand.neighbours.known.set(paymentId(), {
    end: 'succeeded',
    provider: CheckoutProvider.STRIPE,
    providerOrderId: 'cs_1',
    ...changes,
  });
/** Takes a capture in as the consumer does. */
const consume = async (message: PaymentMessage, policies: Partial<Environment['policies']> = {}) => {
  const env = { ...stand.env, policies: { ...stand.env.policies, ...policies } };
  return recordPayments(env, await verifyPayments(env, [message]));
};

describe('given a capture that disagrees with its order', () => {
  const invented = { buyerId: idOf('a stranger'), amountMinor: 1n, currency: 'IDR' };
  let id: string;
  beforeEach(async () => {
    expect(await recordPayments(stand.env, [capture(invented)])).toEqual(['suspicious']);
    id = (await parkedRows())[0]?.id ?? '';
  });
  const review = (accept: boolean, note = 'checked with the provider', by = OPERATOR): Promise<ReviewPaymentOutcome> =>
    createReviewPayment(stand.env)(by, { suspiciousPaymentId: id, accept, note });

  test('then it is kept with its reasons, and the order is as it was', async () => {
    const before = await stand.counts();
    expect(await recordPayments(stand.env, [capture(invented)])).toEqual(['repeated']);
    expect(await parkedRows()).toMatchObject([
      { status: 'OPEN', reasons: ['ANOTHER_BUYER', 'ANOTHER_CURRENCY', 'AMOUNT_TOO_LOW'] },
    ]);
    expect(await stand.counts()).toEqual(before);
    expect([await statusOf(), (await stand.load(order.id)).version]).toEqual(['PENDING_PAYMENT', 1]);
  });

  test('when an operator accepts it, then the order is paid, and the timeline names the operator', async () => {
    expect(await review(true)).toMatchObject({ suspiciousPayment: { status: 'ACCEPTED' } });
    expect(await statusOf()).toBe('SUCCEEDED');
    expect(await parkedRows()).toMatchObject([
      { status: 'ACCEPTED', note: 'checked with the provider', decided_by_id: OPERATOR.userId },
    ]);
    const [event] = await stand.sql(
      `select actor, by_id, note from order_events where order_id = $1 and type = 'PAYMENT_REVIEWED'`,
      [order.id],
    );
    expect(event).toEqual({ actor: 'OPERATOR', by_id: OPERATOR.userId, note: null });
    const again = await stand.load(order.id);
    expect(await review(true)).toMatchObject({ suspiciousPayment: { status: 'ACCEPTED' } });
    expect((await stand.load(order.id)).version).toBe(again.version);
  });

  test('when an operator rejects it, then the order can still be paid, and nobody can accept it any more', async () => {
    expect(await review(false)).toMatchObject({ suspiciousPayment: { status: 'REJECTED' } });
    expect(await statusOf()).toBe('PENDING_PAYMENT');
    expect(await review(true)).toMatchObject({ code: 'ACTION_NOT_ALLOWED', reason: 'WRONG_STATUS' });
    const fact = paymentFact('succeeded', `another of ${order.id}`, minutes(2));
    await recordPayments(stand.env, [{ ...capture(), fact, inbox: { topic: 't', eventKey: order.id } }]);
    expect(await statusOf()).toBe('SUCCEEDED');
  });

  test.each([
    ['without a reason', '', 'INVALID_INPUT'],
    ['with a reason of blanks', '  ', 'INVALID_INPUT'],
    ['with a reason without end', 'x'.repeat(501), 'INVALID_INPUT'],
  ])('when the decision is %s, then it is refused and nothing changes', async (_, note, code) => {
    expect(await review(true, note)).toMatchObject({ code, fields: [{ path: 'note' }] });
    expect(await parkedRows()).toMatchObject([{ status: 'OPEN' }]);
  });

  test('when the operator bought the order, then the decision is refused and nothing changes', async () => {
    const buyer = { userId: order.buyerId, isOperator: true };
    expect(await review(true, 'for me', buyer)).toMatchObject({ code: 'ACTION_NOT_ALLOWED', reason: 'OWN_ORDER' });
    expect([await statusOf(), await parkedRows()]).toMatchObject(['PENDING_PAYMENT', [{ status: 'OPEN' }]]);
  });

  test('when ten operators accept it at the same time, then it is applied once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => review(true)));
    const rows = await stand.sql(`select 1 from order_events where order_id = $1 and type = 'PAYMENT_REVIEWED'`, [
      order.id,
    ]);
    expect(rows).toHaveLength(1);
    expect((await stand.load(order.id)).capturedMinor).toBe(49_900n);
  });
});

test('given too little money that an operator accepts, then it goes back and the order is not paid', async () => {
  await recordPayments(stand.env, [capture({ amountMinor: 100n, currency: 'INR' })]);
  const [{ id } = { id: '' }] = await parkedRows();
  await createReviewPayment(stand.env)(OPERATOR, { suspiciousPaymentId: id, accept: true, note: 'it came' });
  expect(await statusOf()).toBe('PENDING_PAYMENT');
  expect(await stand.sql('select reason, amount_minor from order_refunds where order_id = $1', [order.id])).toEqual([
    { reason: 'UNDERPAID', amount_minor: '100' },
  ]);
});

describe('given a capture of a payment that was not started here', () => {
  const PAID = ['applied'];
  const PARKED = ['suspicious'];

  test.each([
    ['the service does not offer the call', undefined, PAID, []],
    ['the service knows it as paid', {}, PAID, []],
    ['the service knows amount, currency and order', { amountMinor: 49_900n, currency: 'INR' }, PAID, []],
    ['the service knows no such payment', { isUnknown: true, end: undefined }, PARKED, ['UNKNOWN_PAYMENT']],
    ['the service knows it as pending', { end: undefined }, PARKED, ['STATUS_DIFFERS']],
    ['the service knows it as failed', { end: 'failed' }, PARKED, ['STATUS_DIFFERS']],
    ['the service knows it as that of another order', { orderId: idOf('other') }, PARKED, ['ANOTHER_ORDER']],
    ['the service knows less money', { amountMinor: 1n }, PARKED, ['AMOUNT_TOO_LOW']],
    ['the service knows another currency', { currency: 'IDR' }, PARKED, ['ANOTHER_CURRENCY']],
  ] as [string, Partial<KnownPayment> | undefined, string[], string[]][])(
    'when %s, then it is applied or parked',
    async (_, known, outcome, reasons) => {
      if (known) says(known);
      expect(await consume(capture())).toEqual(outcome);
      expect((await parkedRows()).map((row) => row.reasons)).toEqual(reasons.length > 0 ? [reasons] : []);
      expect(await statusOf()).toBe(reasons.length > 0 ? 'PENDING_PAYMENT' : 'SUCCEEDED');
    },
  );

  test('when the service knows more money, then the order is paid and the difference goes back', async () => {
    says({ amountMinor: 50_000n, currency: 'INR' });
    expect(await consume(capture())).toEqual(PAID);
    expect(await stand.sql('select reason, amount_minor from order_refunds where order_id = $1', [order.id])).toEqual([
      { reason: 'OVERPAID', amount_minor: '100' },
    ]);
  });

  test.each([
    ['when-offered', 'applied'],
    ['required', 'suspicious'],
    ['off', 'applied'],
  ] as const)('when the service does not answer and verification is %s, then it is %s', async (policy, outcome) => {
    stand.neighbours.down.add('payment');
    expect(await consume(capture(), { paymentVerification: policy })).toEqual([outcome]);
  });

  test('when verification is off, then a lie of the service about it does not count', async () => {
    says({ end: 'failed' });
    expect(await consume(capture(), { paymentVerification: 'off' })).toEqual(PAID);
  });

  test('when the service confirms it later, then it is accepted without an operator', async () => {
    says({ end: undefined });
    expect(await consume(capture())).toEqual(PARKED);
    says({});
    stand.clock.advance(5_000);
    await runner.runDue();
    expect([await statusOf(), await parkedRows()]).toMatchObject([
      'SUCCEEDED',
      [{ status: 'ACCEPTED', decided_by_id: null }],
    ]);
  });

  test('when the service does not confirm it, then it is asked less and less often and the payment stays parked', async () => {
    says({ end: undefined });
    await consume(capture());
    for (const seconds of [5, 5, 10, 20]) {
      stand.clock.advance(seconds * 1_000);
      await runner.runDue();
    }
    const [saga] = await stand.sql(`select step, attempts from sagas where order_id = $1 and step = 'VERIFY'`, [
      order.id,
    ]);
    expect(saga).toEqual({ step: 'VERIFY', attempts: 4 });
    expect([await statusOf(), await parkedRows()]).toMatchObject(['PENDING_PAYMENT', [{ status: 'OPEN' }]]);
  });
});

test('given a capture of a payment that was started here, then the payment service is not asked', async () => {
  const actor = { userId: order.buyerId, isOperator: false };
  const started = await stand.startPayment(actor, {
    orderId: order.id,
    provider: CheckoutProvider.STRIPE,
    successUrl: null,
    cancelUrl: null,
    expectedVersion: null,
    idempotencyKey: null,
  });
  if (!('payment' in started)) throw new Error(started.message);
  stand.neighbours.down.add('payment');
  const fact = paymentFact('succeeded', started.payment.paymentId ?? '', minutes(1));
  expect(await consume({ ...capture(), fact }, { paymentVerification: 'required' })).toEqual(['applied']);
});
