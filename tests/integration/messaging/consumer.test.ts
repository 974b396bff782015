import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { Consumer } from '../../../src/messaging/consumer.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { onEachBus } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { placeFor } from '../../support/order-stand.js';
import { enrolmentNews } from '../../support/payment-news.js';
import { present } from '../../support/present.js';

import { consumerStand, LIMIT } from './consumer-stand.js';

onEachBus('the consumer', (openBuses) => {
  const at = consumerStand(openBuses);
  const { deadLetters, inboxOf, news, nextBuyer, order, orders, send, start, untilAll } = at;

  test('takes a batch in one transaction: one statement for the inbox, one for the orders', async () => {
    const all = await orders(10);
    await send(...all.map((one) => news('succeeded', one)));
    at.stand.proxy.takeStatements();
    await start();
    await untilAll(all, 'SUCCEEDED');
    const sent = at.stand.proxy.takeStatements();
    expect(sent.filter((sql) => sql.includes('insert into inbox'))).toHaveLength(1);
    expect(sent.filter((sql) => sql.includes('for no key update'))).toHaveLength(1);
    expect(sent.filter((sql) => /(^|\n)commit$/i.test(sql))).toHaveLength(1);
    const [counted] = await at.stand.sql(
      `select count(*)::int as events, count(distinct order_id)::int as orders from order_events
       where type = 'SUCCEEDED' and order_id = any($1)`,
      [all.map(({ id }) => id)],
    );
    expect(counted).toEqual({ events: 10, orders: 10 });
  }, 60_000);

  test('of a batch each message keeps its own cause', async () => {
    const all = await orders(3);
    const trace = (n: number) => `00-${String(n).repeat(32)}-${String(n).repeat(16)}-01`;
    const causes = all.map(({ id }, n) => ({ 'x-correlation-id': `cause of ${id}`, traceparent: trace(n + 1) }));
    await send(...all.map((one, n) => ({ ...news('succeeded', one), headers: causes[n] ?? {} })));
    await start();
    await untilAll(all, 'SUCCEEDED');
    for (const [n, { id }] of all.entries()) {
      const rows = await at.stand.sql(
        `select distinct headers from outbox where aggregate_id = $1 and topic like 'order.course.succeeded%'`,
        [id],
      );
      expect(rows).toEqual([{ headers: causes[n] }]);
    }
  }, 60_000);

  test('a message that comes again, within a batch and later, counts once', async () => {
    const [one, last] = [await order(), await order()];
    const message = news('succeeded', one);
    await send(message, message, message);
    await start();
    await untilAll([one], 'SUCCEEDED');
    await send(message, news('succeeded', last));
    await untilAll([last], 'SUCCEEDED');
    expect(await inboxOf(`succeeded payment of ${one.id}`)).toBe(1);
    expect(await at.stand.load(one.id)).toMatchObject({ version: 3, capturedMinor: 49_900n });
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  test('any order over topics: success before initiated', async () => {
    const one = await order();
    await send(news('succeeded', one));
    await start();
    await untilAll([one], 'SUCCEEDED');
    await send(news('initiated', one));
    await eventually(() => inboxOf(`initiated payment of ${one.id}`), Boolean, LIMIT);
    expect((await at.stand.load(one.id)).version).toBe(3);
  }, 60_000);

  test('enrolments fulfil an order; those of others are no concern', async () => {
    const one = await placeFor(at.stand, nextBuyer(), 'algebra', 'geometry');
    await send(news('succeeded', one));
    await start();
    await untilAll([one], 'SUCCEEDED');
    await send(
      enrolmentNews(randomUUID(), idOf('algebra')),
      enrolmentNews(one.id, idOf('history')),
      enrolmentNews(one.id, idOf('geometry')),
      enrolmentNews(one.id, idOf('algebra')),
    );
    await eventually(async () => (await at.stand.load(one.id)).fulfilment === 'FULFILLED', Boolean, LIMIT);
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  test('two attempts that fail at once, through two consumers, never leave an order in processing', async () => {
    const all = await orders(30);
    const attempts = ['a', 'b', 'c', 'd'];
    const all4 = (kind: 'initiated' | 'failed') =>
      attempts.flatMap((name) =>
        all.map((one) =>
          news(kind, one, { paymentId: `${name} ${one.id}`, eventId: `${kind} ${name} ${one.id}`, key: name }),
        ),
      );
    const second = await at.stand.newProcess();
    await Promise.all([start(), start(second, at.openBus())]);
    await send(...all4('initiated'));
    await untilAll(all, 'PROCESSING');
    await eventually(
      async () =>
        (await at.stand.sql('select 1 from payment_attempts where payment_id like $1', ['% ' + present(all.at(-1)).id]))
          .length,
      (count) => count === 4,
      LIMIT,
    );
    await send(...all4('failed'));
    await untilAll(all, 'FAILED');
    const versions = await at.stand.sql<{ ok: boolean }>(
      `select bool_and(n = version) as ok from (select o.version, count(*) as n from orders o join order_events e on e.order_id = o.id
       where o.id = any($1) group by o.id) counted`,
      [all.map(({ id }) => id)],
    );
    expect(versions).toEqual([{ ok: true }]);
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  test('is healthy while it runs', async () => {
    const consumer = new Consumer(at.stand.env, at.bus, createMetrics());
    expect(consumer.isHealthy()).toBe(false);
    await consumer.start(randomUUID());
    expect(consumer.isHealthy()).toBe(true);
    await consumer.stop();
    expect(consumer.isHealthy()).toBe(false);
  }, 60_000);
});
