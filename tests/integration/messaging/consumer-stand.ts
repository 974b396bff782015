import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Order } from '../../../src/entities/order.js';
import type { Bus, BusMessage, Publisher } from '../../../src/messaging/bus/bus.js';
import { Consumer } from '../../../src/messaging/consumer.js';
import type { Announcements } from '../../../src/messaging/takers.js';
import { consumedTopics, Topic } from '../../../src/messaging/topics.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import type { OpenBuses, TestBuses } from '../../support/buses.js';
import { eventually } from '../../support/eventually.js';
import { idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentNews } from '../../support/payment-news.js';

/** How long to wait for what consumers do. */
export const LIMIT = { limitMs: 20_000 };

/** A stand with a bus, consumers that end with each test, and looks at what they did. */
export function consumerStand(openBuses: OpenBuses) {
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

  const start = async (process: TestProcess = stand, on: Bus = bus, announcements?: Announcements) => {
    const consumer = new Consumer(process.env, on, createMetrics(), announcements);
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

  return {
    nextBuyer,
    start,
    send,
    order,
    orders,
    news,
    statuses,
    untilAll,
    deadLetters,
    inboxOf,
    get stand() {
      return stand;
    },
    get bus() {
      return bus;
    },
    /** Another client of the same bus. */
    openBus: () => buses.open(),
  };
}
