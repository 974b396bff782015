import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { describe, expect, test } from '@jest/globals';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { violatedConstraint } from '../../../src/persistence/errors.js';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { paymentFact, placedOrder, pricedItem, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

import { BEFORE, orderUnderTest, PARTS } from './order-under-test.js';

const at = orderUnderTest();
const { nextName, pay, load, stored } = at;

describe('a change of an order', () => {
  test('is written with its events, messages and sagas in one transaction', async () => {
    await changeOrder(at.stand.fork, at.order.id, PARTS, (one) => void pay(one, nextName()));
    expect(await stored()).toEqual({ order_events: 3, sagas: 1, order_refunds: 0, payment_attempts: 1, outbox: 3 });
    const [row] = await at.stand.sql('select status, version, captured_minor from orders where id = $1', [at.order.id]);
    expect(row).toEqual({ status: 'SUCCEEDED', version: 3, captured_minor: '99800' });
  });

  test('a refund is written with the change that made it', async () => {
    await changeOrder(at.stand.fork, at.order.id, PARTS, (one) => void pay(one, nextName()));
    await changeOrder(at.stand.fork, at.order.id, PARTS, (one) => void pay(one, nextName()));
    expect(await stored()).toEqual({ order_events: 5, sagas: 2, order_refunds: 1, payment_attempts: 2, outbox: 4 });
  });

  test('events carry the order’s buyer and the time of the change', async () => {
    await changeOrder(at.stand.fork, at.order.id, PARTS, (one) => void pay(one, nextName()));
    const rows = await at.stand.sql(
      `select version, type, "from", "to", fulfilment, actor, occurred_at, recorded_at from order_events
       where order_id = $1 and buyer_id = $2 order by version`,
      [at.order.id, at.order.buyerId],
    );
    const happened = minutes(1);
    expect(rows.slice(1)).toMatchObject([
      {
        version: 2,
        type: 'PAYMENT_SUCCEEDED',
        from: 'PENDING_PAYMENT',
        to: 'PENDING_PAYMENT',
        occurred_at: happened,
        recorded_at: happened,
      },
      {
        version: 3,
        type: 'SUCCEEDED',
        from: 'PENDING_PAYMENT',
        to: 'SUCCEEDED',
        fulfilment: 'IN_PROGRESS',
        occurred_at: happened,
      },
    ]);
  });

  test('the listener hears of it after the commit, with the version that is then stored', async () => {
    let heardWithin = -1;
    await changeOrder(at.stand.fork, at.order.id, PARTS, async (one, em) => {
      pay(one, nextName());
      await em.flush();
      heardWithin = at.stand.commits.length;
    });
    expect(heardWithin).toBe(0);
    expect(at.stand.commits).toEqual([{ id: at.order.id, buyerId: at.order.buyerId, version: 3 }]);
  });

  test('an order that was only looked at is not written, and nobody hears of it', async () => {
    await changeOrder(at.stand.fork, at.order.id, PARTS, (one) => one.status);
    expect([await stored(), at.stand.commits]).toEqual([BEFORE, []]);
  });

  test('of an order that is not there: undefined', async () => {
    expect(await changeOrder(at.stand.fork, idOf('nobody'), PARTS, () => 'changed')).toBeUndefined();
  });
});

describe('a change that fails', () => {
  test('by the caller, after its flush: nothing is written, nobody hears of it', async () => {
    const failing = changeOrder(at.stand.fork, at.order.id, PARTS, async (one, em) => {
      pay(one, nextName());
      await em.flush();
      throw new Error('no after all');
    });
    await expect(failing).rejects.toThrow('no after all');
    expect([await stored(), at.stand.commits]).toEqual([BEFORE, []]);
    expect(await load()).toMatchObject({ status: 'PENDING_PAYMENT', version: 1, capturedMinor: 0n });
  });

  test('a transaction reads its own writes before they are committed', async () => {
    await changeOrder(at.stand.fork, at.order.id, PARTS, async (one, em) => {
      pay(one, nextName());
      await em.flush();
      const rows = await em.execute<{ n: number }[]>('select count(*)::int as n from order_events where order_id = ?', [
        at.order.id,
      ]);
      expect(rows).toEqual([{ n: 3 }]);
    });
  });

  test('an inner transaction that fails leaves what the outer one wrote', async () => {
    const taken = placedOrder([pricedItem('history')], at.order.id);
    taken.number = at.order.number;
    const name = nextName();
    await at.stand.fork().transactional(async (outer) => {
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
    const em = at.stand.fork();
    em.persist(placedOrder([pricedItem('history')], `double ${at.order.id}`));
    await em.flush();
    const again = at.stand.fork();
    again.persist(placedOrder([pricedItem('history')], `double ${at.order.id}`));
    const error: unknown = await again.flush().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(UniqueConstraintViolationException);
    expect(violatedConstraint(error)).toMatch(/_pkey$/);
  });

  test('leaves the pool usable, also for as many failures as it has connections', async () => {
    const failures = Array.from({ length: 20 }, async () => {
      const em = at.stand.fork();
      em.persist(placedOrder([pricedItem('history')], `double ${at.order.id}`));
      await em.flush();
    });
    const outcomes = await Promise.allSettled(failures);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    await Promise.all(Array.from({ length: 20 }, () => placeFor(at.stand, nextName(), 'algebra')));
  });
});

test('connections that break within transactions are replaced: the pool is never used up', async () => {
  // More often than the pool has connections.
  for (let round = 0; round < 10; round++) {
    const broken = changeOrder(at.stand.fork, at.order.id, PARTS, (one) => {
      at.stand.proxy.stop();
      pay(one, nextName());
    });
    await expect(broken).rejects.toThrow();
    at.stand.proxy.resume();
  }
  expect([await stored(), at.stand.commits]).toEqual([BEFORE, []]);
  await Promise.all(Array.from({ length: 8 }, () => placeFor(at.stand, nextName(), 'algebra')));
});

describe('an order that ends', () => {
  test('lets its claims go in the same transaction', async () => {
    await changeOrder(at.stand.fork, at.order.id, PARTS, (one) => {
      recordPayment(one, paymentFact('failed', nextName(), minutes(1)), minutes(1), TIMES);
    });
    expect(await at.stand.sql('select 1 from order_claims where order_id = $1', [at.order.id])).toEqual([]);
    expect(await load()).toMatchObject({ status: 'FAILED', statusReason: 'PAYMENT_DECLINED', expiresAt: null });
  });
});
