import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { SagaKind } from '../../../src/entities/saga.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { createPaymentSaga } from '../../../src/saga/payment.js';
import { SagaRunner } from '../../../src/saga/runner.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { attemptOf, paymentFact } from '../../support/orders.js';

let stand: OrderStand;
let runner: SagaRunner;
let order: Order;
let buyer: string;
const nextBuyer = idSequence('payer');

beforeAll(async () => {
  stand = await openOrderStand();
  const handlers = { [SagaKind.PAYMENT]: createPaymentSaga(stand.env) };
  runner = new SagaRunner(stand.fork, handlers, stand.clock, createMetrics(), testLog());
});
afterAll(() => stand.close());

beforeEach(async () => {
  await stand.sql('delete from sagas');
  stand.neighbours.calls.splice(0);
  stand.neighbours.down.clear();
  stand.neighbours.refusal = undefined;
  buyer = nextBuyer();
  order = await placeFor(stand, buyer, 'algebra');
});

const startPayment = () =>
  stand.startPayment(
    { userId: order.buyerId, isOperator: false },
    {
      orderId: order.id,
      provider: CheckoutProvider.STRIPE,
      successUrl: null,
      cancelUrl: null,
      expectedVersion: null,
      idempotencyKey: null,
    },
  );
const runAfter = async (seconds: number) => {
  stand.clock.advance(seconds * 1_000);
  await runner.runDue();
};
const sagas = () => stand.sql(`select step, failures, last_error from sagas where kind = 'PAYMENT'`);
const tell = (kind: PaymentFactKind, payment = 'first', one = order) => {
  const paymentId = `${payment} of ${one.id}`;
  const inbox = { topic: kind, eventKey: paymentId };
  return recordPayments(stand.env, [{ orderId: one.id, fact: paymentFact(kind, paymentId, stand.clock.now()), inbox }]);
};
const load = () => stand.load(order.id);
const attempt = async (payment: string) => attemptOf(await load(), `${payment} of ${order.id}`);

describe('a start that was not answered', () => {
  beforeEach(async () => {
    stand.neighbours.down.add('payment');
    expect(await startPayment()).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'payment' });
  });

  test('is left to the process that asked for 15 seconds', async () => {
    await runAfter(14.9);
    expect(stand.neighbours.calls).toHaveLength(1);
  });

  test('is repeated under the same key; its answer is attached to the intent', async () => {
    stand.neighbours.down.clear();
    await runAfter(15);
    const [first, second, ...others] = stand.neighbours.calls;
    expect([second, others]).toEqual([first, []]);
    const after = await load();
    expect([after.status, after.attempts.length, await sagas()]).toEqual(['PROCESSING', 1, []]);
    expect(after.attempts.getItems()[0]).toMatchObject({
      state: 'PENDING',
      paymentId: stand.neighbours.paymentIdOf(first!.key),
      session: { provider: 'STRIPE' },
    });
  });

  test('is repeated with back-off while nobody answers, always under the same key', async () => {
    for (const seconds of [15, 1, 2]) await runAfter(seconds);
    expect(new Set(stand.neighbours.calls.map(({ key }) => key)).size).toBe(1);
    expect([stand.neighbours.calls.length, await sagas()]).toEqual([
      4,
      [{ step: 'START', failures: 3, last_error: 'the payment service does not answer' }],
    ]);
  });

  test('the buyer tries again: the same intent, the same key, one payment', async () => {
    stand.neighbours.down.clear();
    expect(await startPayment()).toMatchObject({ order: { status: 'PROCESSING' }, replayed: false });
    await runAfter(15);
    expect([stand.neighbours.calls.length, await sagas()]).toEqual([2, []]);
    expect(new Set(stand.neighbours.calls.map(({ key }) => key)).size).toBe(1);
  });

  test('and is then refused: the intent is over, the order payable', async () => {
    stand.neighbours.down.clear();
    stand.neighbours.refusal = 'ORDER_NOT_PAYABLE';
    await runAfter(15);
    const after = await load();
    expect([after.status, after.attempts.getItems()[0]?.state, await sagas()]).toEqual([
      'PENDING_PAYMENT',
      'FAILED',
      [],
    ]);
  });

  test('an earlier call still runs at the payment service: asked again later', async () => {
    stand.neighbours.down.clear();
    stand.neighbours.refusal = 'IDEMPOTENCY_EXCEPTION';
    await runAfter(15);
    expect(await sagas()).toMatchObject([{ step: 'START', failures: 1 }]);
    expect((await load()).attempts.getItems()[0]?.state).toBe('INTENT');
  });

  test('is not repeated when its time is over', async () => {
    stand.neighbours.down.clear();
    await runAfter(12 * 60);
    expect([stand.neighbours.calls.length, await sagas()]).toEqual([1, []]);
  });
});

describe('an attempt that is to end', () => {
  beforeEach(async () => {
    await tell('initiated', 'first');
    stand.clock.advance(1_000);
    await tell('initiated', 'second');
  });

  test('is cancelled at the payment service, once, and the newer one goes on', async () => {
    await runAfter(0);
    expect(stand.neighbours.calls.map(({ operation }) => operation)).toEqual(['cancel']);
    expect([(await attempt('first')).state, (await attempt('second')).state]).toEqual(['CANCELLED', 'PENDING']);
    expect([(await load()).status, await sagas()]).toEqual(['PROCESSING', []]);
  });

  test('that is being captured is left to its own event', async () => {
    stand.neighbours.refusal = 'PAYMENT_CAPTURED';
    await runAfter(0);
    expect([(await attempt('first')).state, await sagas()]).toEqual(['PENDING', []]);
  });

  test('that ended by itself needs no call', async () => {
    await tell('failed', 'first');
    await runAfter(0);
    expect([stand.neighbours.calls, await sagas()]).toEqual([[], []]);
  });

  test('while the service does not answer, is tried again', async () => {
    stand.neighbours.down.add('payment');
    await runAfter(0);
    expect(await sagas()).toMatchObject([{ step: 'CANCEL', failures: 1 }]);
    stand.neighbours.down.clear();
    await runAfter(1);
    expect([(await attempt('first')).state, await sagas()]).toEqual(['CANCELLED', []]);
  });
});

describe('money that came on a closed order', () => {
  beforeEach(async () => {
    await tell('failed', 'first');
    await tell('succeeded', 'first');
    expect(await attempt('first')).toMatchObject({ capture: 'UNDECIDED' });
  });

  const refunds = () =>
    stand.sql('select status, reason, amount_minor from order_refunds where order_id = $1', [order.id]);

  test('delivers the order after all, when everything is still to be had', async () => {
    await runAfter(0);
    const after = await load();
    expect([after.status, after.fulfilment, after.claims.length]).toEqual(['SUCCEEDED', 'IN_PROGRESS', 1]);
    expect([(await attempt('first')).capture, await refunds(), await sagas()]).toEqual(['ACCEPTED', [], []]);
    const topics = await stand.sql(`select topic from outbox where aggregate_id = $1 and topic like '%succeeded%'`, [
      order.id,
    ]);
    expect(topics).toHaveLength(1);
  });

  test.each([
    ['the buyer has the course', () => stand.neighbours.enrol(idOf('algebra'), order.buyerId), 'ALREADY_ENROLLED'],
    [
      'a course is no longer for sale',
      () => stand.neighbours.addCourse('algebra', { published: false }),
      'LATE_PAYMENT',
    ],
    ['a course is gone', () => stand.neighbours.catalogue.delete(idOf('algebra')), 'LATE_PAYMENT'],
  ])('goes back when %s', async (_, change, reason) => {
    change();
    await runAfter(0);
    stand.neighbours.addCourse('algebra');
    expect(await load()).toMatchObject({ status: 'FAILED', capturedMinor: 49_900n });
    expect([(await attempt('first')).capture, await refunds(), await sagas()]).toEqual([
      'RETURNED',
      [{ status: 'APPROVED', reason, amount_minor: '49900' }],
      [],
    ]);
    const asked = await stand.sql(
      `select 1 from outbox where aggregate_id = $1 and topic = 'payment.refund.requested.v1'`,
      [order.id],
    );
    expect(asked).toHaveLength(1);
  });

  test('supersedes another open order of the same course', async () => {
    const newer = await placeFor(stand, buyer, 'algebra', 'geometry');
    await runAfter(0);
    expect((await load()).status).toBe('SUCCEEDED');
    expect(await stand.load(newer.id)).toMatchObject({ status: 'CANCELLED', statusReason: 'SUPERSEDED' });
    expect((await stand.load(newer.id)).claims).toHaveLength(0);
  });

  test('goes back when another order of the course was paid', async () => {
    const newer = await placeFor(stand, buyer, 'algebra');
    await tell('succeeded', 'first', newer);
    await runAfter(0);
    expect([(await load()).status, (await refunds()).length]).toEqual(['FAILED', 1]);
    expect((await stand.load(newer.id)).status).toBe('SUCCEEDED');
  });

  test('waits while a neighbour does not answer', async () => {
    stand.neighbours.down.add('course');
    await runAfter(0);
    expect([(await attempt('first')).capture, await sagas()]).toMatchObject([
      'UNDECIDED',
      [{ step: 'DECIDE_LATE_MONEY', failures: 1 }],
    ]);
    stand.neighbours.down.clear();
    await runAfter(1);
    expect([(await load()).status, await sagas()]).toEqual(['SUCCEEDED', []]);
  });

  test('two runners decide at once: once', async () => {
    const other = await stand.newProcess();
    await stand.sql(`update sagas set lease_until = null`);
    const second = createPaymentSaga(other.env);
    const task = { id: idOf('zombie'), step: 'DECIDE_LATE_MONEY', orderId: order.id, attempts: 0, failures: 0 };
    await Promise.all([
      runAfter(0),
      second({ ...task, subjectId: (await attempt('first')).id, createdAt: stand.clock.now() }),
    ]);
    const after = await load();
    expect([after.status, after.version, after.claims.length]).toEqual(['SUCCEEDED', 5, 1]);
  });
});
