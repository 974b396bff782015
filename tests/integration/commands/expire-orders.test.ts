import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { expireDueOrders } from '../../../src/commands/expire-orders.js';
import type { Order } from '../../../src/entities/order.js';
import { recordPayments } from '../../../src/commands/record-payments.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { MINUTE } from '../../support/test-clock.js';

let stand: OrderStand;
let other: TestProcess;
const nextBuyer = idSequence('late');

beforeAll(async () => {
  stand = await openOrderStand();
  other = await stand.newProcess();
});
afterAll(() => stand.close());
beforeEach(async () => void (await stand.sql('update orders set expires_at = null')));

const orders = (count: number) =>
  Promise.all(Array.from({ length: count }, () => placeFor(stand, nextBuyer(), 'algebra')));
const tell = (kind: PaymentFactKind, { id }: Order) =>
  recordPayments(stand.env, [
    {
      orderId: id,
      fact: paymentFact(kind, `payment of ${id}`, stand.clock.now()),
      inbox: { topic: kind, eventKey: id },
    },
  ]);
const confirm = ({ id, buyerId }: Order) =>
  stand.confirmPayment(
    { userId: buyerId, isOperator: false },
    { orderId: id, paymentId: `payment of ${id}`, razorpay: null, idempotencyKey: null },
  );
const sweep = (limit = 100, newsAreCurrent = true, { env }: TestProcess = stand) =>
  expireDueOrders(env, limit, newsAreCurrent);
const after = (count: number) => stand.clock.advance(count * MINUTE);
const states = async (all: readonly Order[]) =>
  Promise.all(all.map(async ({ id }) => `${(await stand.load(id)).status} ${(await stand.load(id)).version}`));

describe('orders whose time has come', () => {
  test('expire, the earliest first, so many at once as asked; their products are free', async () => {
    const all = await orders(3);
    after(29.9);
    expect(await sweep()).toEqual({ expired: 0, postponed: 0 });
    after(0.1);
    expect(await sweep(2)).toEqual({ expired: 2, postponed: 0 });
    expect(await sweep(2)).toEqual({ expired: 1, postponed: 0 });
    expect(await states(all)).toEqual(['EXPIRED 2', 'EXPIRED 2', 'EXPIRED 2']);
    expect(await stand.sql('select 1 from order_claims where order_id = any($1)', [all.map(({ id }) => id)])).toEqual(
      [],
    );
  });

  test('ten or a hundred take the same number of messages to the database', async () => {
    const counts: number[] = [];
    for (const count of [10, 100]) {
      await orders(count);
      after(30);
      stand.proxy.takeStatements();
      expect(await sweep()).toEqual({ expired: count, postponed: 0 });
      counts.push(stand.proxy.takeStatements().length);
    }
    expect(counts).toEqual([9, 9]);
  });

  test('are shared by two processes: each order expires once', async () => {
    const all = await orders(60);
    after(30);
    const sweeps = await Promise.all([sweep(20), sweep(20, true, other), sweep(20), sweep(20, true, other)]);
    expect(sweeps.reduce((sum, { expired }) => sum + expired, 0)).toBe(60);
    expect(new Set(await states(all))).toEqual(new Set(['EXPIRED 2']));
  });
});

describe('an order that cannot be decided now', () => {
  test.each([1, 3])(
    'while the results of %i payments are awaited: looked at again a minute later, unchanged',
    async (count) => {
      const [awaited, due] = [await orders(count), await orders(1)];
      for (const one of awaited) {
        await tell('initiated', one);
        await confirm(one);
      }
      after(31);
      expect(await sweep()).toEqual({ expired: 1, postponed: count });
      expect(await states(due)).toEqual(['EXPIRED 2']);
      expect(new Set(await states(awaited))).toEqual(new Set(['PROCESSING 3']));
      expect(await sweep()).toEqual({ expired: 0, postponed: 0 });
      after(1);
      expect(await sweep()).toEqual({ expired: 0, postponed: count });
      after(29);
      expect(await sweep()).toEqual({ expired: count, postponed: 0 });
    },
  );

  test('while news of payments come late, an order being paid waits, for an hour at most', async () => {
    const [paying, idle] = await orders(2);
    if (!paying || !idle) throw new Error('two orders were placed');
    await tell('initiated', paying);
    after(31);
    expect(await sweep(100, false)).toEqual({ expired: 1, postponed: 1 });
    expect(await states([paying, idle])).toEqual(['PROCESSING 2', 'EXPIRED 2']);
    after(2 / 60);
    expect(await sweep(100, false)).toEqual({ expired: 0, postponed: 1 });
    after(60);
    expect(await sweep(100, false)).toEqual({ expired: 1, postponed: 0 });
  });

  test('because what is stored is wrong: it alone is put off, however many stand at the head', async () => {
    const broken = await orders(2);
    await stand.sql(`update orders set status = 'CANCELLED', expires_at = $1 where id = any($2)`, [
      stand.clock.now(),
      broken.map(({ id }) => id),
    ]);
    const good = await orders(3);
    after(30);
    expect(await sweep(2)).toEqual({ expired: 0, postponed: 2 });
    expect(await sweep(2)).toEqual({ expired: 2, postponed: 0 });
    expect(await sweep(2)).toEqual({ expired: 1, postponed: 0 });
    expect(await states([...broken, ...good])).toEqual([
      'CANCELLED 1',
      'CANCELLED 1',
      'EXPIRED 2',
      'EXPIRED 2',
      'EXPIRED 2',
    ]);
  });
});
