import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import type { Bus, BusMessage } from '../../../src/messaging/bus/bus.js';
import { Relay } from '../../../src/messaging/relay.js';
import { publishedTopics } from '../../../src/messaging/topics.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { onEachBus, type TestBuses } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';
import { collect, type Collector } from '../bus/collector.js';
import { present } from '../../support/present.js';

const LIMIT = { limitMs: 20_000 };

interface Published {
  readonly eventId: string;
  readonly payload: { readonly orderVersion: number; readonly orderId: string };
}

onEachBus('the relay', (openBuses) => {
  let stand: OrderStand;
  let buses: TestBuses;
  let bus: Bus;
  let seen: Collector;
  const relays: Relay[] = [];
  const nextBuyer = idSequence('relayed');

  beforeAll(async () => {
    stand = await openOrderStand();
    buses = openBuses(stand);
    bus = buses.open();
    await bus.ensureTopics(publishedTopics);
    seen = await collect(bus, { group: randomUUID(), topics: publishedTopics });
  }, 60_000);
  afterAll(async () => {
    await buses.close();
    await stand.close();
  }, 60_000);
  afterEach(() => Promise.all(relays.splice(0).map((relay) => relay.stop())));

  const start = (on: Bus = bus, process: TestProcess = stand) => {
    const relay = new Relay(process.fork, on, createMetrics(), testLog());
    relays.push(relay);
    relay.start();
    return relay;
  };
  const waiting = async () => present((await stand.sql<{ n: number }>('select count(*)::int as n from outbox'))[0]).n;
  const untilEmpty = () => eventually(waiting, (count) => count === 0, LIMIT);

  /** Orders with three messages each: placed, paid, and a second payment given back. */
  async function lives(count: number): Promise<Order[]> {
    const all = await Promise.all(Array.from({ length: count }, () => placeFor(stand, nextBuyer(), 'algebra')));
    for (const { id } of all) await pay(id, 'first');
    for (const { id } of all) await pay(id, 'second');
    return all;
  }
  const pay = (orderId: string, name: string) =>
    changeOrder(stand.fork, orderId, ['attempts', 'itemRows', 'claims'], (one) => {
      recordPayment(one, paymentFact('succeeded', `${name} of ${orderId}`, minutes(1)), minutes(1), TIMES);
    });

  const publishedOf = (orders: readonly Order[]) => {
    const ids = new Set(orders.map(({ id }) => id));
    return seen.received
      .filter(({ key }) => ids.has(key))
      .map(({ key, topic, value }) => ({ key, topic, ...(JSON.parse(value) as Published) }));
  };
  const untilPublished = (orders: readonly Order[], count: number) =>
    eventually(
      () => publishedOf(orders),
      (found) => new Set(found.map(({ eventId }) => eventId)).size >= count,
      LIMIT,
    );

  /** Sends through the real bus, but may do something else before or after. */
  function altered(change: (send: () => Promise<void>, messages: readonly BusMessage[]) => Promise<void>): Bus {
    const publisher = () => {
      const real = bus.publisher();
      return {
        send: (messages: readonly BusMessage[], ms: number) => change(() => real.send(messages, ms), messages),
        close: () => real.close(),
      };
    };
    return { ...bus, publisher };
  }

  test('publishes every message once, and deletes what it has published', async () => {
    const orders = await lives(20);
    expect(await waiting()).toBe(60);
    start();
    const published = await untilPublished(orders, 60);
    await untilEmpty();
    expect(published).toHaveLength(60);
    const topics = Map.groupBy(published, ({ topic }) => topic);
    expect([...topics].map(([topic, all]) => [topic, all.length]).sort()).toEqual([
      ['order.course.created.v1', 20],
      ['order.course.succeeded.v1', 20],
      ['payment.refund.requested.v1', 20],
    ]);
    expect(published.every(({ key, payload }) => key === payload.orderId)).toBe(true);
  }, 60_000);

  test('sends an order’s messages in the order of its versions, whatever the others do', async () => {
    const sent: BusMessage[] = [];
    start(
      altered(async (send, messages) => {
        sent.push(...messages);
        await send();
      }),
    );
    const orders = await lives(15);
    await untilPublished(orders, 45);
    await untilEmpty();
    const versions = Map.groupBy(sent, ({ key }) => key);
    for (const { id } of orders) {
      const own = (versions.get(id) ?? []).map(({ value }) => (JSON.parse(value) as Published).payload.orderVersion);
      expect(own).toEqual([1, 3, 5]);
    }
  }, 60_000);

  test('an error after sending: sent again under the same ids, and nothing is lost', async () => {
    let failures = 0;
    start(
      altered(async (send) => {
        await send();
        if (failures++ < 2) throw new Error('the answer was lost');
      }),
    );
    const orders = await lives(5);
    await untilEmpty();
    const published = await untilPublished(orders, 15);
    expect(failures).toBeGreaterThan(2);
    expect(published.length).toBeGreaterThan(15);
    expect(new Set(published.map(({ eventId }) => eventId)).size).toBe(15);
  }, 60_000);

  test('a bus that is down: everything waits; up again: everything goes out', async () => {
    let isDown = true;
    let refused = 0;
    const relay = start(
      altered((send) => {
        if (!isDown) return send();
        refused += 1;
        return Promise.reject(new Error('no broker'));
      }),
    );
    const orders = await lives(5);
    await eventually(
      () => refused,
      (count) => count >= 2,
      LIMIT,
    );
    expect([await waiting(), publishedOf(orders).length, relay.isHealthy()]).toEqual([15, 0, true]);
    isDown = false;
    await untilPublished(orders, 15);
    await untilEmpty();
  }, 60_000);

  test('a relay that has lost its lease while sending deletes nothing', async () => {
    const steal = (owner: string, until: string) =>
      stand.sql(`update relay_leases set owner = $1, epoch = epoch + 1, until = ${until}`, [owner]);
    let sends = 0;
    const orders = await lives(3);
    const relay = start(
      altered(async (send) => {
        await send();
        sends += 1;
        // Another relay took every shard in the meantime, as after a long pause of this process.
        await steal('another relay', `clock_timestamp() + interval '1 hour'`);
      }),
    );
    await eventually(() => sends, Boolean, LIMIT);
    await relay.stop();
    expect([sends, await waiting()]).toEqual([1, 9]);
    await steal('another relay', `'-infinity'`);
    start();
    await untilEmpty();
    // All were sent once more: what was deleted was sent under the lease.
    await eventually(
      () => publishedOf(orders).length,
      (count) => count >= 18,
      LIMIT,
    );
  }, 60_000);

  test('of two relays each shard has one owner; when one stops, the other goes on', async () => {
    const other = await stand.newProcess();
    const [one, two] = [start(), start(buses.open(), other)];
    const orders = await lives(20);
    await untilPublished(orders, 60);
    await untilEmpty();
    expect(publishedOf(orders)).toHaveLength(60);
    const owners = await stand.sql('select shard from relay_leases where until > clock_timestamp()');
    expect(owners).toHaveLength(8);
    await one.stop();
    const later = await lives(5);
    await untilPublished(later, 15);
    await two.stop();
    expect(await stand.sql(`select 1 from relay_leases where until > '-infinity'`)).toEqual([]);
  }, 60_000);

  test('the shards of a killed relay are left to it until its lease ends, then taken over', async () => {
    await stand.sql(
      `update relay_leases set owner = 'killed', epoch = epoch + 1, until = clock_timestamp() + interval '1.5 s'`,
    );
    const orders = await lives(3);
    const remaining = async () => {
      const rows = await stand.sql<{ left: boolean }>(
        'select bool_or(until > clock_timestamp()) as left from relay_leases',
      );
      return present(rows[0]).left;
    };
    let sentEarly = false;
    start(
      altered(async (send) => {
        sentEarly ||= (await stand.sql(`select 1 from relay_leases where owner = 'killed'`)).length === 8;
        await send();
      }),
    );
    expect(await remaining()).toBe(true);
    await untilPublished(orders, 9);
    await untilEmpty();
    expect(sentEarly).toBe(false);
  }, 60_000);

  test('a database that is away for a moment stops it no longer than that', async () => {
    const relay = start();
    const orders = await lives(2);
    await untilEmpty();
    stand.proxy.stop();
    await expect(stand.fork().execute('select 1')).rejects.toThrow();
    stand.proxy.resume();
    const later = await lives(2);
    await untilEmpty();
    await untilPublished([...orders, ...later], 12);
    expect(relay.isHealthy()).toBe(true);
  }, 60_000);
});
