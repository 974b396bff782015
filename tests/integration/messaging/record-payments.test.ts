import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordEnrolments } from '../../../src/commands/record-enrolments.js';
import { recordPayments, type PaymentMessage } from '../../../src/commands/record-payments.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { isConflict } from '../../../src/persistence/errors.js';
import { idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

let stand: OrderStand;
let other: TestProcess;
const nextBuyer = idSequence('paying');

beforeAll(async () => {
  stand = await openOrderStand();
  other = await stand.newProcess();
});
afterAll(() => stand.close());

const order = () => placeFor(stand, nextBuyer(), 'algebra');
const orders = (count: number) => Promise.all(Array.from({ length: count }, order));
const message = (one: Order, kind: PaymentFactKind, payment = 'p'): PaymentMessage => ({
  orderId: one.id,
  fact: paymentFact(kind, `${payment} of ${one.id}`, minutes(1)),
  inbox: { topic: kind, eventKey: `${kind} ${payment} ${one.id}` },
});

/** Takes news in as the consumer does: again after a conflict. */
async function take({ env }: TestProcess, messages: readonly PaymentMessage[]) {
  for (;;) {
    try {
      return await recordPayments(env, messages);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
}

describe('messages to the database', () => {
  test.each([
    ['initiated', 1, 8],
    ['initiated', 10, 9],
    ['succeeded', 1, 11],
    ['succeeded', 10, 12],
  ] as const)('of news that payments were %s, of %i orders: %i', async (kind, size, count) => {
    const all = await orders(size);
    stand.proxy.takeStatements();
    await recordPayments(
      stand.env,
      all.map((one) => message(one, kind)),
    );
    expect(stand.proxy.takeStatements()).toHaveLength(count);
  });
});

describe('a batch', () => {
  test('says of each message what became of it', async () => {
    const [one, two] = await orders(2);
    const first = message(present(one), 'succeeded');
    expect(
      await recordPayments(stand.env, [
        first,
        first,
        message(present(one), 'initiated'),
        message(present(one), 'failed'),
        message({ ...present(two), id: stand.env.newId() } as Order, 'failed'),
        message(present(two), 'failed'),
      ]),
    ).toEqual(['applied', 'repeated', 'known', 'anomaly', { rejected: 'unknown order' }, 'applied']);
  });

  test('that fails in the middle leaves nothing behind, no inbox row either', async () => {
    const [one, two] = await orders(2);
    await stand.sql(`update orders set status = 'CREATED' where id = $1`, [present(two).id]);
    const before = await stand.counts();
    await expect(
      recordPayments(stand.env, [message(present(one), 'initiated'), message(present(two), 'initiated')]),
    ).rejects.toThrow('CREATED does not lead to PROCESSING');
    expect(await stand.counts()).toEqual(before);
  });

  test('of enrolments marks items of many orders at once', async () => {
    const all = await orders(5);
    await recordPayments(
      stand.env,
      all.map((one) => message(one, 'succeeded')),
    );
    const outcomes = await recordEnrolments(
      stand.env,
      (await Promise.all(all.map(({ id }) => stand.load(id)))).map((one) => ({
        orderId: one.id,
        courseId: present(one.currentItems[0]).productId,
        enrolledAt: minutes(2),
        inbox: { topic: 'enrolled', eventKey: one.id },
      })),
    );
    expect(outcomes).toEqual(all.map(() => 'fulfilled'));
    const done = await Promise.all(all.map(({ id }) => stand.load(id)));
    expect(done.map(({ fulfilment }) => fulfilment)).toEqual(all.map(() => 'FULFILLED'));
  });
});

describe('two processes at once', () => {
  test('two attempts of an order fail: it fails, 25 times over', async () => {
    for (let round = 0; round < 25; round++) {
      const one = await order();
      await take(stand, [message(one, 'initiated', 'a'), message(one, 'initiated', 'b')]);
      await Promise.all([take(stand, [message(one, 'failed', 'a')]), take(other, [message(one, 'failed', 'b')])]);
      expect(await stand.load(one.id)).toMatchObject({ status: 'FAILED', version: 6 });
    }
  });

  test('both of two payments succeed: one completes the order, the other is given back', async () => {
    for (let round = 0; round < 10; round++) {
      const one = await order();
      await Promise.all([take(stand, [message(one, 'succeeded', 'a')]), take(other, [message(one, 'succeeded', 'b')])]);
      const after = await stand.load(one.id);
      expect(after).toMatchObject({ status: 'SUCCEEDED', version: 5, capturedMinor: 99_800n });
      expect(
        after.attempts
          .getItems()
          .map(({ capture }) => capture)
          .sort(),
      ).toEqual(['ACCEPTED', 'RETURNED']);
      expect(await stand.sql('select 1 from order_refunds where order_id = $1', [one.id])).toHaveLength(1);
    }
  });

  test('batches with the same orders in opposite directions never deadlock', async () => {
    const all = await orders(20);
    const of = (payment: string) => all.map((one) => message(one, 'initiated', payment));
    await Promise.all([recordPayments(stand.env, of('a')), recordPayments(other.env, of('b').toReversed())]);
    const [counted] = await stand.sql('select count(*)::int as n from payment_attempts where order_id = any($1)', [
      all.map(({ id }) => id),
    ]);
    expect(counted).toEqual({ n: 40 });
  });

  test('news and a command change the same order: both take effect, without a deadlock, 30 times over', async () => {
    const deadlocks = async () =>
      (await stand.sql('select deadlocks from pg_stat_database where datname = current_database()'))[0];
    const before = await deadlocks();
    for (let round = 0; round < 30; round++) {
      const one = await order();
      const command = changeOrder(stand.fork, one.id, ['attempts', 'itemRows', 'claims'], (locked) =>
        recordPayment(locked, paymentFact('initiated', `command ${one.id}`, minutes(1)), minutes(1), TIMES),
      );
      // Each round they meet at another point.
      for (let turn = 0; turn < round % 6; turn++) await new Promise(setImmediate);
      const news = recordPayments(other.env, [message(one, 'initiated')]);
      expect(await Promise.all([command, news])).toEqual(['applied', ['applied']]);
      expect((await stand.load(one.id)).version).toBe(3);
    }
    expect(await deadlocks()).toEqual(before);
  });

  test('a payment is started while the news of it arrive: one attempt, whoever is first, 15 times over', async () => {
    for (let round = 0; round < 15; round++) {
      const one = await order();
      let news: Promise<unknown> = Promise.resolve();
      stand.neighbours.beforeStart = async ({ key }) => {
        const paymentId = stand.neighbours.paymentIdOf(key);
        const fact = { ...paymentFact('initiated', paymentId, minutes(1)), provider: null };
        news = take(other, [{ orderId: one.id, fact, inbox: { topic: 'x', eventKey: paymentId } }]);
        if (round % 3 === 0) await news;
      };
      const outcome = await stand.startPayment(
        { userId: one.buyerId, isOperator: false },
        {
          orderId: one.id,
          provider: CheckoutProvider.STRIPE,
          successUrl: null,
          cancelUrl: null,
          expectedVersion: null,
          idempotencyKey: null,
        },
      );
      await news;
      expect(outcome).toMatchObject({ replayed: false });
      const after = await stand.load(one.id);
      expect(after.status).toBe('PROCESSING');
      expect(after.attempts.getItems().map(({ state, session }) => [state, session?.provider])).toEqual([
        ['PENDING', 'STRIPE'],
      ]);
      expect(await stand.sql('select step from sagas where order_id = $1', [one.id])).toEqual([]);
    }
    stand.neighbours.beforeStart = async () => undefined;
  });
});
