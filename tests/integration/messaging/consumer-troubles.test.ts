import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { BusMessage } from '../../../src/messaging/bus/bus.js';
import { Topic } from '../../../src/messaging/topics.js';
import { correlationId } from '../../../src/observability/correlation.js';
import { onEachBus } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { enrolmentNews, paymentNews } from '../../support/payment-news.js';
import { T0 } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

import { consumerStand, LIMIT } from './consumer-stand.js';

onEachBus('the consumer in trouble', (openBuses) => {
  const at = consumerStand(openBuses);
  const { deadLetters, inboxOf, news, nextBuyer, order, orders, send, start, statuses, untilAll } = at;

  test('of an unknown order: a dead letter with reason and origin, no inbox row, and the next message is taken', async () => {
    const one = await order();
    const unknown = { orderId: randomUUID(), paymentId: 'p', eventId: 'of nobody' };
    await send(paymentNews('succeeded', unknown), news('succeeded', one));
    await start();
    await untilAll([one], 'SUCCEEDED');
    expect(await eventually(deadLetters, (found) => found.length > 0, LIMIT)).toEqual([
      {
        eventType: 'DLQEvent',
        originalTopic: Topic.PAYMENT_SUCCEEDED,
        originalPartition: expect.any(Number),
        originalOffset: expect.stringMatching(/^\d+$/),
        originalKey: 'a user',
        originalHeaders: {},
        originalMessage: paymentNews('succeeded', unknown).value,
        error: 'unknown order',
        attempts: 1,
        timestamp: T0.toISOString(),
      },
    ]);
    expect(await inboxOf('of nobody')).toBe(0);
  }, 60_000);

  test('a payment of another order is refused, also when both come at once', async () => {
    const [mine, other] = await orders(2);
    const shared = { paymentId: `shared ${present(mine).id}` };
    await send(
      news('initiated', present(mine), { ...shared, eventId: `a ${present(mine).id}` }),
      news('initiated', present(other), { ...shared, eventId: `b ${present(mine).id}` }),
    );
    await start();
    const [letter] = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letter).toMatchObject({ error: 'the payment is of another order' });
    expect((await statuses([present(mine), present(other)])).sort()).toEqual(['PENDING_PAYMENT', 'PROCESSING']);
  }, 60_000);

  test('garbage among good ones: every good one is taken, every other is a dead letter', async () => {
    const all = await orders(5);
    const raw = (value: string): BusMessage => ({ topic: Topic.PAYMENT_SUCCEEDED, key: 'a user', value });
    const garbage = [
      raw('not JSON'),
      raw('{"payload":{}}'),
      raw('[]'),
      news('succeeded', present(all[0]), { paymentId: 'nul \u0000', eventId: 'nul' }),
      raw(''),
    ];
    await send(...all.flatMap((one, n) => [present(garbage[n]), news('succeeded', one)]));
    await start();
    await untilAll(all, 'SUCCEEDED');
    const letters = await eventually(deadLetters, (found) => found.length >= 5, LIMIT);
    expect(letters.map(({ originalMessage }) => originalMessage).sort()).toEqual(
      garbage.map(({ value }) => value).sort(),
    );
  }, 60_000);

  test('an order that no decision is possible for blocks nobody', async () => {
    const [odd, next] = await orders(2);
    await at.stand.sql(`update orders set status = 'CREATED' where id = $1`, [present(odd).id]);
    await send(news('initiated', present(odd)), news('initiated', present(next)));
    await start();
    await untilAll([present(next)], 'PROCESSING');
    const letters = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letters).toMatchObject([{ error: `order ${present(odd).id}: CREATED does not lead to PROCESSING` }]);
    expect(await statuses([present(odd)])).toEqual(['CREATED']);
  }, 60_000);

  let constraints = 0;
  /** Makes the database refuse the delivery of a course of an order, every time. */
  const refuseDelivery = (one: Order, course: string) =>
    at.stand.sql(
      `alter table order_items add constraint refused_${constraints++} check
       (not (order_id = '${one.id}' and product_id = '${idOf(course)}' and fulfilment = 'FULFILLED')) not valid`,
    );

  async function paidOrder(): Promise<Order> {
    const one = await placeFor(at.stand, nextBuyer(), 'algebra', 'geometry');
    await send(news('succeeded', one));
    await untilAll([one], 'SUCCEEDED');
    return one;
  }

  test('one that the database refuses is a dead letter with its reason, those around it are taken', async () => {
    await start();
    const one = await paidOrder();
    await refuseDelivery(one, 'algebra');
    const refused = enrolmentNews(one.id, idOf('algebra'));
    await send(enrolmentNews(one.id, idOf('history')), refused, enrolmentNews(one.id, idOf('geometry')));
    const letters = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letters).toMatchObject([
      { originalMessage: refused.value, error: expect.stringContaining('violates check constraint') },
    ]);
    const items = (await at.stand.load(one.id)).currentItems.map(({ title, fulfilment }) => [title, fulfilment]);
    expect(items).toEqual([
      ['algebra', 'IN_PROGRESS'],
      ['geometry', 'FULFILLED'],
    ]);
  }, 60_000);

  test('a message that only lost against others is no dead letter: it comes again', async () => {
    await start();
    const one = await paidOrder();
    // Another transaction has taken the next version and never lets it go.
    await at.stand.sql(
      `insert into order_events (id, order_id, buyer_id, version, type, "to", fulfilment, actor, occurred_at, recorded_at)
       values ($1, $2, $3, 4, 'PLACED', 'SUCCEEDED', 'IN_PROGRESS', 'SYSTEM', now(), now())`,
      [randomUUID(), one.id, one.buyerId],
    );
    await refuseDelivery(one, 'algebra');
    const refused = enrolmentNews(one.id, idOf('algebra'));
    at.stand.proxy.takeStatements();
    await send(refused, enrolmentNews(one.id, idOf('geometry')));
    const tries: string[] = [];
    await eventually(
      () => tries.push(...at.stand.proxy.takeStatements().filter((sql) => sql.includes('ITEM_FULFILLED'))),
      (count) => count > 10,
      LIMIT,
    );
    expect((await deadLetters()).filter(({ originalMessage }) => originalMessage !== refused.value)).toEqual([]);
    await at.stand.sql('delete from order_events where order_id = $1 and version = 4', [one.id]);
    const delivered = async () => (await at.stand.load(one.id)).currentItems[1]?.fulfilment === 'FULFILLED';
    await eventually(delivered, Boolean, LIMIT);
    expect(
      (await eventually(deadLetters, (found) => found.length > 0, LIMIT)).map(({ originalMessage }) => originalMessage),
    ).toEqual([refused.value]);
  }, 60_000);

  /** Makes every change of an order fail with an unknown error, which may or may not pass. */
  const failChangesOf = async (one: Order) => {
    const name = `fail_${one.id.replaceAll('-', '_')}`;
    await at.stand.sql(`create function ${name}() returns trigger language plpgsql as $$
      begin raise exception 'an unheard-of error'; end $$`);
    await at.stand.sql(`create trigger ${name} before update on orders for each row
      when (old.id = '${one.id}') execute function ${name}()`);
  };

  test('one that fails with an unknown error is tried five times, then it is a dead letter, and the others are applied', async () => {
    const all = await orders(7);
    const victim = present(all[3]);
    await failChangesOf(victim);
    await send(...all.map((one) => news('succeeded', one)));
    await start();
    await untilAll(
      all.filter((one) => one !== victim),
      'SUCCEEDED',
    );
    const letters = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letters).toMatchObject([{ error: 'an unheard-of error', attempts: 5 }]);
    expect(await statuses([victim])).toEqual(['PENDING_PAYMENT']);
    expect(await inboxOf(`succeeded payment of ${victim.id}`)).toBe(0);
  }, 60_000);

  test('two that fail with unknown errors, in one batch: each is tried five times, and the others are applied', async () => {
    const all = await orders(7);
    const victims = [present(all[1]), present(all[5])];
    for (const victim of victims) await failChangesOf(victim);
    await send(...all.map((one) => news('succeeded', one)));
    await start();
    await untilAll(
      all.filter((one) => !victims.includes(one)),
      'SUCCEEDED',
    );
    const letters = await eventually(deadLetters, (found) => found.length > 1, LIMIT);
    expect(letters.map(({ error, attempts }) => [error, attempts])).toEqual([
      ['an unheard-of error', 5],
      ['an unheard-of error', 5],
    ]);
    expect(await statuses(victims)).toEqual(['PENDING_PAYMENT', 'PENDING_PAYMENT']);
  }, 60_000);

  test('what is logged of a message bears the correlation id of that message, not of the first of its batch', async () => {
    const all = await orders(3);
    const victim = present(all[1]);
    await at.stand.sql(`update orders set status = 'CREATED' where id = $1`, [victim.id]);
    const lines: { readonly correlationId: unknown; readonly orderOf: unknown }[] = [];
    const log = { ...at.stand.env.log, error: () => undefined, info: () => undefined, debug: () => undefined };
    const warn = (details: { offset: string }) =>
      lines.push({ correlationId: correlationId(), orderOf: details.offset });
    const env = { ...at.stand.env, log: Object.assign(log, { warn }) as never };
    await send(
      ...all.map((one) => ({ ...news('initiated', one), headers: { 'x-correlation-id': `cause of ${one.id}` } })),
    );
    await start({ ...at.stand, env });
    await eventually(() => lines.length > 0, Boolean, LIMIT);
    expect(lines).toEqual([{ correlationId: `cause of ${victim.id}`, orderOf: expect.any(String) }]);
  }, 60_000);

  test('a database that is away for a moment loses nothing', async () => {
    const all = await orders(20);
    await start();
    at.stand.proxy.stop();
    await send(...all.map((one) => news('initiated', one)));
    await send(...all.map((one) => news('succeeded', one)));
    const refused = at.stand.env.fork().execute('select 1');
    await expect(refused).rejects.toThrow();
    at.stand.proxy.resume();
    await untilAll(all, 'SUCCEEDED');
    expect(await deadLetters()).toEqual([]);
  }, 60_000);
});
