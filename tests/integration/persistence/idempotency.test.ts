import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlaceOrderInput, PlaceOrderOutcome } from '../../../src/commands/place-order.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import {
  claimRequest,
  completeRequest,
  releaseRequest,
  remembered,
  type RequestKey,
} from '../../../src/persistence/idempotency.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { cartOf, openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { minutes, T0 } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

const input = (key: string, courses: readonly string[] = ['algebra']): PlaceOrderInput => ({
  courseIds: cartOf(stand, ...courses),
  couponCode: null,
  idempotencyKey: key,
});
const ordersOf = (buyer: string) => stand.sql('select id from orders where buyer_id = $1', [idOf(buyer)]);

/** Answers are equal but for `replayed`. */
function expectOneOrder(outcomes: readonly PlaceOrderOutcome[]): void {
  const orders = outcomes.map((outcome) => ('order' in outcome ? outcome.order : undefined));
  expect(orders[0]).toBeDefined();
  for (const order of orders) expect(order).toEqual(orders[0]);
  expect(outcomes.filter((outcome) => 'replayed' in outcome && !outcome.replayed)).toHaveLength(1);
}

describe('200 calls of placeOrder at once under one key', () => {
  test('in one process: one order, 200 answers, one of them not replayed', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, () => stand.placeOrder(idOf('asha'), input('one-process'))),
    );
    expect(outcomes).toHaveLength(200);
    expectOneOrder(outcomes);
    expect(await ordersOf('asha')).toHaveLength(1);
  });

  test('over four processes: the same', async () => {
    const processes: readonly TestProcess[] = [
      stand,
      ...(await Promise.all([stand.newProcess(), stand.newProcess(), stand.newProcess()])),
    ];
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        present(processes[n % 4]).placeOrder(idOf('ravi'), input('four-processes')),
      ),
    );
    expectOneOrder(outcomes);
    expect(await ordersOf('ravi')).toHaveLength(1);
    expect(await stand.sql(`select 1 from idempotency where key = 'four-processes'`)).toHaveLength(1);
  });

  test('four processes, each answering for the first time at once, 20 times over', async () => {
    const processes = await Promise.all([
      stand.newProcess(),
      stand.newProcess(),
      stand.newProcess(),
      stand.newProcess(),
    ]);
    for (let round = 0; round < 20; round++) {
      const call = (process: TestProcess) => process.placeOrder(idOf(`buyer ${round}`), input(`round-${round}`));
      expectOneOrder(await Promise.all(processes.map(call)));
      expect(await ordersOf(`buyer ${round}`)).toHaveLength(1);
    }
  });
});

describe('a key', () => {
  test('means the request it was first used for: another one is a conflict and changes nothing', async () => {
    await stand.placeOrder(idOf('mira'), input('mine'));
    const before = await stand.counts();
    expect(await stand.placeOrder(idOf('mira'), input('mine', ['geometry']))).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      key: 'mine',
    });
    expect(await stand.counts()).toEqual(before);
  });

  test('does not depend on the order of the cart', async () => {
    const first = await stand.placeOrder(idOf('tara'), input('cart', ['history', 'biology']));
    const second = await stand.placeOrder(idOf('tara'), input('cart', ['biology', 'history']));
    expectOneOrder([first, second]);
  });

  test('is a user’s own: another user’s equal key is another request', async () => {
    const mine = await stand.placeOrder(idOf('one'), input('shared'));
    const other = await stand.placeOrder(idOf('two'), input('shared'));
    expect([mine, other]).toMatchObject([{ replayed: false }, { replayed: false }]);
  });

  test('answers the order as it is now', async () => {
    const first = await stand.placeOrder(idOf('nina'), input('later'));
    if (!('order' in first)) throw new Error('refused');
    await stand.sql(`update orders set status = 'FAILED', version = 2 where id = $1`, [first.order.id]);
    expect(await stand.placeOrder(idOf('nina'), input('later'))).toMatchObject({
      replayed: true,
      order: { id: first.order.id, status: 'FAILED', version: 2 },
    });
  });
});

describe('a request with an outside call', () => {
  const request = (key: string, changes: Partial<RequestKey> = {}): RequestKey => ({
    viewerId: idOf('asha'),
    operation: 'startPayment',
    key,
    requestHash: 'h',
    ...changes,
  });
  const claim = (one: RequestKey, now: Date) => stand.fork().transactional((em) => claimRequest(em, one, now));
  const look = (one: RequestKey, now: Date) => remembered(stand.fork, one, now);
  const seconds = (count: number) => new Date(T0.getTime() + count * 1_000);

  test('is claimed by one; meanwhile it is running; done, it has its result', async () => {
    const one = request('claimed');
    expect(await look(one, T0)).toEqual({ is: 'unknown' });
    expect([await claim(one, T0), await claim(one, T0)]).toEqual([true, false]);
    expect(await look(one, T0)).toEqual({ is: 'running' });
    await completeRequest(stand.fork(), one, 'attempt-1');
    expect(await look(one, minutes(60))).toEqual({ is: 'done', result: 'attempt-1' });
    expect(await claim(one, minutes(60))).toBe(false);
  });

  test('of a process that died is taken over when its lease has ended, by one', async () => {
    const one = request('abandoned');
    await claim(one, T0);
    expect([await claim(one, seconds(29.9)), await look(one, seconds(29.9))]).toEqual([false, { is: 'running' }]);
    expect(await look(one, seconds(30))).toEqual({ is: 'unknown' });
    const takers = await Promise.all([1, 2, 3, 4].map(() => claim(one, seconds(30))));
    expect(takers.filter(Boolean)).toHaveLength(1);
    expect(await look(one, seconds(59.9))).toEqual({ is: 'running' });
  });

  test('another request under its key can neither claim nor take it over', async () => {
    await claim(request('other'), T0);
    const different = request('other', { requestHash: 'different' });
    expect([await claim(different, minutes(5)), await look(different, minutes(5))]).toEqual([false, { is: 'other' }]);
  });

  test('let go after a refusal, it is unknown again; a success is never let go', async () => {
    const [refused, done] = [request('refused'), request('done')];
    await claim(refused, T0);
    await claim(done, T0);
    await completeRequest(stand.fork(), done, 'r');
    for (const one of [refused, done]) await releaseRequest(stand.fork(), one);
    expect([await look(refused, T0), await look(done, T0)]).toEqual([{ is: 'unknown' }, { is: 'done', result: 'r' }]);
  });

  test('startPayment twice at once: the payment service is called once, both get its answer', async () => {
    const order = await placeFor(stand, 'payer', 'algebra');
    const viewer = { userId: idOf('payer'), isOperator: false };
    const start = (process: TestProcess) =>
      process.startPayment(viewer, {
        orderId: order.id,
        provider: CheckoutProvider.STRIPE,
        successUrl: null,
        cancelUrl: null,
        expectedVersion: null,
        idempotencyKey: 'pay',
      });
    const other = await stand.newProcess();
    const before = stand.neighbours.calls.length;
    let isCalled = false;
    let answer: () => void = () => undefined;
    stand.neighbours.beforeStart = () =>
      new Promise((resolve) => {
        isCalled = true;
        answer = resolve;
      });
    const first = start(stand);
    await eventually(() => isCalled);
    const second = start(other);
    answer();
    const outcomes = await Promise.all([first, second]);
    stand.neighbours.beforeStart = async () => undefined;
    expect(outcomes).toMatchObject([{ replayed: false }, { replayed: true }]);
    const payments = outcomes.map((outcome) => ('payment' in outcome ? outcome.payment.paymentId : outcome));
    expect(payments[0]).toBe(payments[1]);
    expect(stand.neighbours.calls.length - before).toBe(1);
    expect((await stand.load(order.id)).attempts).toHaveLength(1);
  });
});
