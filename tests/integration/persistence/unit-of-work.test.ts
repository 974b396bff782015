import { OptimisticLockError, UniqueConstraintViolationException } from '@mikro-orm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { Order } from '../../../src/entities/order.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { isConflict, violatedConstraint } from '../../../src/persistence/errors.js';
import { idOf, idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact, placedOrder, pricedItem, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

const PARTS = ['attempts', 'itemRows', 'claims'] as const;

let stand: OrderStand;
let order: Order;
const nextName = idSequence('unit of work');

beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

beforeEach(async () => {
  order = await placeFor(stand, nextName(), 'algebra', 'geometry');
  stand.commits.splice(0);
});

const pay = (one: Order, payment: string) =>
  recordPayment(one, paymentFact('succeeded', payment, minutes(1)), minutes(1), TIMES);
const load = (em = stand.fork()) => em.findOneOrFail(Order, order.id, { populate: PARTS as never });

/** What is stored of the order beside its own row. */
const stored = async () => {
  const count = (table: string, column = 'order_id') =>
    `(select count(*)::int from ${table} where ${column} = $1) as ${table}`;
  const [row] = await stand.sql<Record<string, number>>(
    `select ${[count('order_events'), count('sagas'), count('order_refunds'), count('payment_attempts'), count('outbox', 'aggregate_id')].join()}`,
    [order.id],
  );
  return row;
};
const BEFORE = { order_events: 1, sagas: 0, order_refunds: 0, payment_attempts: 0, outbox: 1 };

describe('a change of an order', () => {
  test('is written with its events, messages and sagas in one transaction', async () => {
    await changeOrder(stand.fork, order.id, PARTS, (one) => void pay(one, nextName()));
    expect(await stored()).toEqual({ order_events: 3, sagas: 1, order_refunds: 0, payment_attempts: 1, outbox: 3 });
    const [row] = await stand.sql('select status, version, captured_minor from orders where id = $1', [order.id]);
    expect(row).toEqual({ status: 'SUCCEEDED', version: 3, captured_minor: '99800' });
  });

  test('a refund is written with the change that made it', async () => {
    await changeOrder(stand.fork, order.id, PARTS, (one) => void pay(one, nextName()));
    await changeOrder(stand.fork, order.id, PARTS, (one) => void pay(one, nextName()));
    expect(await stored()).toEqual({ order_events: 5, sagas: 2, order_refunds: 1, payment_attempts: 2, outbox: 4 });
  });

  test('events carry the order’s buyer and the time of the change', async () => {
    await changeOrder(stand.fork, order.id, PARTS, (one) => void pay(one, nextName()));
    const rows = await stand.sql(
      `select version, type, "from", "to", fulfilment, actor, occurred_at, recorded_at from order_events
       where order_id = $1 and buyer_id = $2 order by version`,
      [order.id, order.buyerId],
    );
    const at = minutes(1);
    expect(rows.slice(1)).toMatchObject([
      {
        version: 2,
        type: 'PAYMENT_SUCCEEDED',
        from: 'PENDING_PAYMENT',
        to: 'PENDING_PAYMENT',
        occurred_at: at,
        recorded_at: at,
      },
      {
        version: 3,
        type: 'SUCCEEDED',
        from: 'PENDING_PAYMENT',
        to: 'SUCCEEDED',
        fulfilment: 'IN_PROGRESS',
        occurred_at: at,
      },
    ]);
  });

  test('the listener hears of it after the commit, with the version that is then stored', async () => {
    let heardWithin = -1;
    await changeOrder(stand.fork, order.id, PARTS, async (one, em) => {
      pay(one, nextName());
      await em.flush();
      heardWithin = stand.commits.length;
    });
    expect(heardWithin).toBe(0);
    expect(stand.commits).toEqual([{ id: order.id, buyerId: order.buyerId, version: 3 }]);
  });

  test('an order that was only looked at is not written, and nobody hears of it', async () => {
    await changeOrder(stand.fork, order.id, PARTS, (one) => one.status);
    expect([await stored(), stand.commits]).toEqual([BEFORE, []]);
  });

  test('of an order that is not there: undefined', async () => {
    expect(await changeOrder(stand.fork, idOf('nobody'), PARTS, () => 'changed')).toBeUndefined();
  });
});

describe('a change that fails', () => {
  test('by the caller, after its flush: nothing is written, nobody hears of it', async () => {
    const failing = changeOrder(stand.fork, order.id, PARTS, async (one, em) => {
      pay(one, nextName());
      await em.flush();
      throw new Error('no after all');
    });
    await expect(failing).rejects.toThrow('no after all');
    expect([await stored(), stand.commits]).toEqual([BEFORE, []]);
    expect(await load()).toMatchObject({ status: 'PENDING_PAYMENT', version: 1, capturedMinor: 0n });
  });

  test('a transaction reads its own writes before they are committed', async () => {
    await changeOrder(stand.fork, order.id, PARTS, async (one, em) => {
      pay(one, nextName());
      await em.flush();
      const rows = await em.execute<{ n: number }[]>('select count(*)::int as n from order_events where order_id = ?', [
        order.id,
      ]);
      expect(rows).toEqual([{ n: 3 }]);
    });
  });

  test('an inner transaction that fails leaves what the outer one wrote', async () => {
    const taken = placedOrder([pricedItem('history')], order.id);
    taken.number = order.number;
    const name = nextName();
    await stand.fork().transactional(async (outer) => {
      pay(await load(outer), name);
      await outer.flush();
      const inner = outer.transactional(async (em) => {
        em.persist(taken);
        await em.flush();
      });
      await expect(inner).rejects.toThrow(UniqueConstraintViolationException);
    });
    expect(await load()).toMatchObject({ status: 'SUCCEEDED', version: 3 });
  });
});

describe('a violated constraint', () => {
  test('shows at COMMIT with its name, as the exception of the ORM', async () => {
    const em = stand.fork();
    em.persist(placedOrder([pricedItem('history')], `double ${order.id}`));
    await em.flush();
    const again = stand.fork();
    again.persist(placedOrder([pricedItem('history')], `double ${order.id}`));
    const error: unknown = await again.flush().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UniqueConstraintViolationException);
    expect(violatedConstraint(error)).toMatch(/_pkey$/);
  });

  test('leaves the pool usable, also for as many failures as it has connections', async () => {
    const failures = Array.from({ length: 20 }, async () => {
      const em = stand.fork();
      em.persist(placedOrder([pricedItem('history')], `double ${order.id}`));
      await em.flush();
    });
    const outcomes = await Promise.allSettled(failures);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    await Promise.all(Array.from({ length: 20 }, () => placeFor(stand, nextName(), 'algebra')));
  });
});

test('connections that break within transactions are replaced: the pool is never used up', async () => {
  // More often than the pool has connections.
  for (let round = 0; round < 10; round++) {
    const broken = changeOrder(stand.fork, order.id, PARTS, (one) => {
      stand.proxy.stop();
      pay(one, nextName());
    });
    await expect(broken).rejects.toThrow();
    stand.proxy.resume();
  }
  expect([await stored(), stand.commits]).toEqual([BEFORE, []]);
  await Promise.all(Array.from({ length: 8 }, () => placeFor(stand, nextName(), 'algebra')));
});

describe('a stale write', () => {
  /** Two transactions that changed the same version: the second one's error. */
  async function collide(before: () => Promise<unknown>): Promise<unknown> {
    const [first, second] = [stand.fork(), stand.fork()];
    pay(await load(first), nextName());
    pay(await load(second), nextName());
    await first.flush();
    await before();
    return second.flush().catch((cause: unknown) => cause);
  }

  test('is a conflict, though the messages of both have the same ids, and changes nothing', async () => {
    const error = await collide(async () => undefined);
    expect([violatedConstraint(error), isConflict(error)]).toEqual(['outbox_pkey', true]);
    expect(await stored()).toEqual({ order_events: 3, sagas: 1, order_refunds: 0, payment_attempts: 1, outbox: 3 });
  });

  test('is a conflict by the event’s version when the messages were published already', async () => {
    const error = await collide(() => stand.sql('delete from outbox where aggregate_id = $1', [order.id]));
    expect([violatedConstraint(error), isConflict(error)]).toEqual(['order_events_version', true]);
    expect(await stored()).toEqual({ order_events: 3, sagas: 1, order_refunds: 0, payment_attempts: 1, outbox: 0 });
  });

  test('without an event is a conflict by the order’s version', async () => {
    const em = stand.fork();
    const stale = await load(em);
    await stand.sql('update orders set version = version + 1 where id = $1', [order.id]);
    stale.couponCode = 'X';
    const error: unknown = await em.flush().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OptimisticLockError);
    expect(isConflict(error)).toBe(true);
  });

  /** Another transaction that has taken the next version. */
  const takeNextVersion = () =>
    stand.sql(
      `insert into order_events (id, order_id, buyer_id, version, type, "to", fulfilment, actor, occurred_at, recorded_at)
       values ($1, $2, $3, 2, 'PLACED', 'PENDING_PAYMENT', 'NOT_STARTED', 'SYSTEM', now(), now())`,
      [idOf(`event of ${order.id}`), order.id, order.buyerId],
    );

  test('is decided again on the new state, a few times', async () => {
    await takeNextVersion();
    let tries = 0;
    const decided = await changeOrder(stand.fork, order.id, PARTS, async (one) => {
      tries += 1;
      if (tries === 3) await stand.sql('delete from order_events where order_id = $1 and version = 2', [order.id]);
      return pay(one, nextName());
    });
    expect([tries, decided]).toEqual([3, 'applied']);
    const now = await load();
    expect([now.status, now.version, now.attempts.length]).toEqual(['SUCCEEDED', 3, 1]);
  });

  test('gives up with the conflict after four tries, having changed nothing', async () => {
    await takeNextVersion();
    let tries = 0;
    const always = changeOrder(stand.fork, order.id, PARTS, (one) => {
      tries += 1;
      pay(one, nextName());
    });
    await expect(always).rejects.toThrow(UniqueConstraintViolationException);
    expect(tries).toBe(4);
    expect(await stored()).toEqual({ ...BEFORE, order_events: 2 });
  });

  test('ten at once: each is applied once, versions without gaps, one event each', async () => {
    await Promise.all(
      Array.from({ length: 10 }, () => changeOrder(stand.fork, order.id, PARTS, (one) => void pay(one, nextName()))),
    );
    const now = await load();
    const rows = await stand.sql<{ version: number }>(
      'select version from order_events where order_id = $1 order by 1',
      [order.id],
    );
    expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: now.version }, (_, i) => i + 1));
    const captures = now.attempts.getItems().map(({ capture }) => capture);
    expect(captures.filter((one) => one === 'ACCEPTED')).toHaveLength(1);
    expect(captures.filter((one) => one === 'RETURNED')).toHaveLength(9);
    expect(now.capturedMinor).toBe(10n * 99_800n);
  });
});

describe('an order that ends', () => {
  test('lets its claims go in the same transaction', async () => {
    await changeOrder(stand.fork, order.id, PARTS, (one) => {
      recordPayment(one, paymentFact('failed', nextName(), minutes(1)), minutes(1), TIMES);
    });
    expect(await stand.sql('select 1 from order_claims where order_id = $1', [order.id])).toEqual([]);
    expect(await load()).toMatchObject({ status: 'FAILED', statusReason: 'PAYMENT_DECLINED', expiresAt: null });
  });
});
