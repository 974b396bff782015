import { OptimisticLockError, UniqueConstraintViolationException } from '@mikro-orm/core';
import { describe, expect, test } from '@jest/globals';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { isConflict, violatedConstraint } from '../../../src/persistence/errors.js';
import { idOf } from '../../support/ids.js';

import { BEFORE, orderUnderTest, PARTS } from './order-under-test.js';

const at = orderUnderTest();
const { nextName, pay, load, stored } = at;

describe('a stale write', () => {
  /** Two transactions that changed the same version: the second one's error. */
  async function collide(before: () => Promise<unknown>): Promise<unknown> {
    const [first, second] = [at.stand.fork(), at.stand.fork()];
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
    const error = await collide(() => at.stand.sql('delete from outbox where aggregate_id = $1', [at.order.id]));
    expect([violatedConstraint(error), isConflict(error)]).toEqual(['order_events_version', true]);
    expect(await stored()).toEqual({ order_events: 3, sagas: 1, order_refunds: 0, payment_attempts: 1, outbox: 0 });
  });

  test('without an event is a conflict by the order’s version', async () => {
    const em = at.stand.fork();
    const stale = await load(em);
    await at.stand.sql('update orders set version = version + 1 where id = $1', [at.order.id]);
    stale.couponCode = 'X';
    const error: unknown = await em.flush().catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OptimisticLockError);
    expect(isConflict(error)).toBe(true);
  });

  /** Another transaction that has taken the next version. */
  const takeNextVersion = () =>
    at.stand.sql(
      `insert into order_events (id, order_id, buyer_id, version, type, "to", fulfilment, actor, occurred_at, recorded_at)
       values ($1, $2, $3, 2, 'PLACED', 'PENDING_PAYMENT', 'NOT_STARTED', 'SYSTEM', now(), now())`,
      [idOf(`event of ${at.order.id}`), at.order.id, at.order.buyerId],
    );

  test('is decided again on the new state, a few times', async () => {
    await takeNextVersion();
    let tries = 0;
    const decided = await changeOrder(at.stand.fork, at.order.id, PARTS, async (one) => {
      tries += 1;
      if (tries === 3)
        await at.stand.sql('delete from order_events where order_id = $1 and version = 2', [at.order.id]);
      return pay(one, nextName());
    });
    expect([tries, decided]).toEqual([3, 'applied']);
    const now = await load();
    expect([now.status, now.version, now.attempts.length]).toEqual(['SUCCEEDED', 3, 1]);
  });

  test('gives up with the conflict after four tries, having changed nothing', async () => {
    await takeNextVersion();
    let tries = 0;
    const always = changeOrder(at.stand.fork, at.order.id, PARTS, (one) => {
      tries += 1;
      pay(one, nextName());
    });
    await expect(always).rejects.toThrow(UniqueConstraintViolationException);
    expect(tries).toBe(4);
    expect(await stored()).toEqual({ ...BEFORE, order_events: 2 });
  });

  test('ten at once: each is applied once, versions without gaps, one event each', async () => {
    await Promise.all(
      Array.from({ length: 10 }, () =>
        changeOrder(at.stand.fork, at.order.id, PARTS, (one) => void pay(one, nextName())),
      ),
    );
    const now = await load();
    const rows = await at.stand.sql<{ version: number }>(
      'select version from order_events where order_id = $1 order by 1',
      [at.order.id],
    );
    expect(rows.map(({ version }) => version)).toEqual(Array.from({ length: now.version }, (_, i) => i + 1));
    const captures = now.attempts.getItems().map(({ capture }) => capture);
    expect(captures.filter((one) => one === 'ACCEPTED')).toHaveLength(1);
    expect(captures.filter((one) => one === 'RETURNED')).toHaveLength(9);
    expect(now.capturedMinor).toBe(10n * 99_800n);
  });
});
