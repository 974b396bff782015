import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { Bus, BusMessage, Publisher } from '../../../src/messaging/bus/bus.js';
import { Consumer } from '../../../src/messaging/consumer.js';
import { deadLetter } from '../../../src/messaging/dead-letters.js';
import { consumedTopics, Topic } from '../../../src/messaging/topics.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { onEachBus, type TestBuses } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idOf, idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { enrolmentNews, paymentNews } from '../../support/payment-news.js';
import { T0 } from '../../support/test-clock.js';

const LIMIT = { limitMs: 20_000 };

onEachBus('the consumer', (openBuses) => {
  let stand: OrderStand;
  let buses: TestBuses;
  let bus: Bus;
  let publisher: Publisher;
  let group: string;
  const consumers: Consumer[] = [];
  const nextBuyer = idSequence('consumed');

  beforeAll(async () => {
    stand = await openOrderStand();
    buses = openBuses(stand);
    bus = buses.open();
    publisher = bus.publisher();
    await bus.ensureTopics(consumedTopics);
    group = randomUUID();
  }, 60_000);
  afterAll(async () => {
    await buses.close();
    await stand.close();
  }, 60_000);
  beforeEach(async () => {
    await stand.sql('delete from outbox');
    stand.proxy.takeStatements();
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
  }, 30_000);

  const start = async (process: TestProcess = stand, on: Bus = bus) => {
    const consumer = new Consumer(process.env, on, createMetrics());
    consumers.push(consumer);
    await consumer.start(group);
    return consumer;
  };
  const send = (...messages: readonly BusMessage[]) => publisher.send(messages, 10_000);
  const order = () => placeFor(stand, nextBuyer(), 'algebra');
  const orders = (count: number) => Promise.all(Array.from({ length: count }, order));
  const news = (kind: Parameters<typeof paymentNews>[0], one: Order, changes: object = {}) =>
    paymentNews(kind, { orderId: one.id, paymentId: `payment of ${one.id}`, ...changes });
  const statuses = async (all: readonly Order[]) => {
    const rows = await stand.sql<{ status: string }>('select status from orders where id = any($1)', [
      all.map(({ id }) => id),
    ]);
    return rows.map(({ status }) => status);
  };
  const untilAll = (all: readonly Order[], status: string) =>
    eventually(
      () => statuses(all),
      (seen) => seen.length === all.length && seen.every((one) => one === status),
      LIMIT,
    );
  const deadLetters = async () => {
    const rows = await stand.sql<{ payload: string }>('select payload from outbox where topic = $1', [
      Topic.DEAD_LETTERS,
    ]);
    return rows.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
  };
  const inboxOf = async (eventId: string) =>
    (await stand.sql('select 1 from inbox where event_key = $1', [eventId])).length;

  test('takes a batch in one transaction: one statement for the inbox, one for the orders', async () => {
    const all = await orders(10);
    await send(...all.map((one) => news('succeeded', one)));
    stand.proxy.takeStatements();
    await start();
    await untilAll(all, 'SUCCEEDED');
    const sent = stand.proxy.takeStatements();
    expect(sent.filter((sql) => sql.includes('insert into inbox'))).toHaveLength(1);
    expect(sent.filter((sql) => sql.includes('for no key update'))).toHaveLength(1);
    expect(sent.filter((sql) => /(^|\n)commit$/i.test(sql))).toHaveLength(1);
    const [counted] = await stand.sql(
      `select count(*)::int as events, count(distinct order_id)::int as orders from order_events
       where type = 'SUCCEEDED' and order_id = any($1)`,
      [all.map(({ id }) => id)],
    );
    expect(counted).toEqual({ events: 10, orders: 10 });
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
    expect(await stand.load(one.id)).toMatchObject({ version: 3, capturedMinor: 49_900n });
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  test('any order over topics: success before initiated', async () => {
    const one = await order();
    await send(news('succeeded', one));
    await start();
    await untilAll([one], 'SUCCEEDED');
    await send(news('initiated', one));
    await eventually(() => inboxOf(`initiated payment of ${one.id}`), Boolean, LIMIT);
    expect((await stand.load(one.id)).version).toBe(3);
  }, 60_000);

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
    const shared = { paymentId: `shared ${mine!.id}` };
    await send(
      news('initiated', mine!, { ...shared, eventId: `a ${mine!.id}` }),
      news('initiated', other!, { ...shared, eventId: `b ${mine!.id}` }),
    );
    await start();
    const [letter] = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letter).toMatchObject({ error: 'the payment is of another order' });
    expect((await statuses([mine!, other!])).sort()).toEqual(['PENDING_PAYMENT', 'PROCESSING']);
  }, 60_000);

  test('garbage among good ones: every good one is taken, every other is a dead letter', async () => {
    const all = await orders(5);
    const raw = (value: string): BusMessage => ({ topic: Topic.PAYMENT_SUCCEEDED, key: 'a user', value });
    const garbage = [
      raw('not JSON'),
      raw('{"payload":{}}'),
      raw('[]'),
      news('succeeded', all[0]!, { paymentId: 'nul \u0000', eventId: 'nul' }),
      raw(''),
    ];
    await send(...all.flatMap((one, n) => [garbage[n]!, news('succeeded', one)]));
    await start();
    await untilAll(all, 'SUCCEEDED');
    const letters = await eventually(deadLetters, (found) => found.length >= 5, LIMIT);
    expect(letters.map(({ originalMessage }) => originalMessage).sort()).toEqual(
      garbage.map(({ value }) => value).sort(),
    );
  }, 60_000);

  test('an order that no decision is possible for blocks nobody', async () => {
    const [odd, next] = await orders(2);
    await stand.sql(`update orders set status = 'CREATED' where id = $1`, [odd!.id]);
    await send(news('initiated', odd!), news('initiated', next!));
    await start();
    await untilAll([next!], 'PROCESSING');
    const letters = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letters).toMatchObject([{ error: `order ${odd!.id}: CREATED does not lead to PROCESSING` }]);
    expect(await statuses([odd!])).toEqual(['CREATED']);
  }, 60_000);

  /** PostgreSQL knows no such year. */
  const UNSTORABLE = '+275760-09-13T00:00:00.000Z';

  async function paidOrder(): Promise<Order> {
    const one = await placeFor(stand, nextBuyer(), 'algebra', 'geometry');
    await send(news('succeeded', one));
    await untilAll([one], 'SUCCEEDED');
    return one;
  }

  test('one that the database refuses is a dead letter with its reason, those around it are taken', async () => {
    await start();
    const one = await paidOrder();
    const refused = enrolmentNews(one.id, idOf('algebra'), UNSTORABLE);
    await send(enrolmentNews(one.id, idOf('history')), refused, enrolmentNews(one.id, idOf('geometry')));
    const letters = await eventually(deadLetters, (found) => found.length > 0, LIMIT);
    expect(letters).toMatchObject([{ originalMessage: refused.value, error: expect.stringContaining(UNSTORABLE) }]);
    const items = (await stand.load(one.id)).currentItems.map(({ title, fulfilment }) => [title, fulfilment]);
    expect(items).toEqual([
      ['algebra', 'IN_PROGRESS'],
      ['geometry', 'FULFILLED'],
    ]);
  }, 60_000);

  test('a message that only lost against others is no dead letter: it comes again', async () => {
    await start();
    const one = await paidOrder();
    // Another transaction has taken the next version and never lets it go.
    await stand.sql(
      `insert into order_events (id, order_id, buyer_id, version, type, "to", fulfilment, actor, occurred_at, recorded_at)
       values ($1, $2, $3, 4, 'PLACED', 'SUCCEEDED', 'IN_PROGRESS', 'SYSTEM', now(), now())`,
      [randomUUID(), one.id, one.buyerId],
    );
    const refused = enrolmentNews(one.id, idOf('algebra'), UNSTORABLE);
    stand.proxy.takeStatements();
    await send(refused, enrolmentNews(one.id, idOf('geometry')));
    const tries: string[] = [];
    await eventually(
      () => tries.push(...stand.proxy.takeStatements().filter((sql) => sql.includes('ITEM_FULFILLED'))),
      (count) => count > 10,
      LIMIT,
    );
    expect((await deadLetters()).filter(({ originalMessage }) => originalMessage !== refused.value)).toEqual([]);
    await stand.sql('delete from order_events where order_id = $1 and version = 4', [one.id]);
    const delivered = async () => (await stand.load(one.id)).currentItems[1]?.fulfilment === 'FULFILLED';
    await eventually(delivered, Boolean, LIMIT);
    expect(
      (await eventually(deadLetters, (found) => found.length > 0, LIMIT)).map(({ originalMessage }) => originalMessage),
    ).toEqual([refused.value]);
  }, 60_000);

  test('a database that is away for a moment loses nothing', async () => {
    const all = await orders(20);
    await start();
    stand.proxy.stop();
    await send(...all.map((one) => news('initiated', one)));
    await send(...all.map((one) => news('succeeded', one)));
    const refused = stand.env.fork().execute('select 1');
    await expect(refused).rejects.toThrow();
    stand.proxy.resume();
    await untilAll(all, 'SUCCEEDED');
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  test('enrolments fulfil an order; those of others are no concern', async () => {
    const one = await placeFor(stand, nextBuyer(), 'algebra', 'geometry');
    await send(news('succeeded', one));
    await start();
    await untilAll([one], 'SUCCEEDED');
    await send(
      enrolmentNews(randomUUID(), idOf('algebra')),
      enrolmentNews(one.id, idOf('history')),
      enrolmentNews(one.id, idOf('geometry')),
      enrolmentNews(one.id, idOf('algebra')),
    );
    await eventually(async () => (await stand.load(one.id)).fulfilment === 'FULFILLED', Boolean, LIMIT);
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
    const second = await stand.newProcess();
    await Promise.all([start(), start(second, buses.open())]);
    await send(...all4('initiated'));
    await untilAll(all, 'PROCESSING');
    await eventually(
      async () =>
        (await stand.sql('select 1 from payment_attempts where payment_id like $1', ['% ' + all.at(-1)!.id])).length,
      (count) => count === 4,
      LIMIT,
    );
    await send(...all4('failed'));
    await untilAll(all, 'FAILED');
    const versions = await stand.sql<{ ok: boolean }>(
      `select bool_and(n = version) as ok from (select o.version, count(*) as n from orders o join order_events e on e.order_id = o.id
       where o.id = any($1) group by o.id) counted`,
      [all.map(({ id }) => id)],
    );
    expect(versions).toEqual([{ ok: true }]);
    expect(await deadLetters()).toEqual([]);
  }, 60_000);

  test('is healthy while it runs', async () => {
    const consumer = new Consumer(stand.env, bus, createMetrics());
    expect(consumer.isHealthy()).toBe(false);
    await consumer.start(randomUUID());
    expect(consumer.isHealthy()).toBe(true);
    await consumer.stop();
    expect(consumer.isHealthy()).toBe(false);
  }, 60_000);

  test('a dead letter whose key PostgreSQL cannot hold is kept, once', async () => {
    const message = { topic: 't', partition: 1, offset: '7', key: 'a\u0000b', value: 'x', headers: {} };
    for (let i = 0; i < 2; i++) await deadLetter(stand.fork, message, 'broken', 1, T0);
    expect(await deadLetters()).toMatchObject([{ originalKey: 'a\u0000b', originalOffset: '7', error: 'broken' }]);
  });
});
