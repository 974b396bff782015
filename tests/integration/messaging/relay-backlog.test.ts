import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bus, BusMessage } from '../../../src/messaging/bus/bus.js';
import { Relay } from '../../../src/messaging/relay.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { SHARDS } from '../../../src/persistence/outbox-message.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

const ORDERS = 150;
const VERSIONS = 12;
const LIMIT = { limitMs: 20_000 };

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

/** Newest versions first, so that the order of the rows is no help. */
const fill = () =>
  stand.sql(`insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
    select gen_random_uuid(), 't', id, version, '{}', 'order', id, version, get_byte(uuid_send(id), 15) % ${SHARDS}, now()
    from (select gen_random_uuid() as id from generate_series(1, ${ORDERS})) made
      cross join generate_series(${VERSIONS}, 1, -1) version`);
const left = async () => (await stand.sql('select 1 from outbox')).length;

/** A bus that has stored what `store` lets pass; it says how many sends were under way at once. */
function memoryBus(store: (batch: number) => void) {
  const stored: BusMessage[] = [];
  const sizes: number[] = [];
  const seen = { underWay: 0, most: 0 };
  const done = async () => undefined;
  const send = async (messages: readonly BusMessage[]) => {
    seen.most = Math.max(seen.most, ++seen.underWay);
    await turn();
    stored.push(...messages);
    sizes.push(messages.length);
    seen.underWay--;
    store(sizes.length);
  };
  const bus: Bus = {
    publisher: () => ({ send, close: done }),
    lag: async () => [],
    consume: async () => ({ isRunning: () => true, stop: done }),
    ensureTopics: done,
    ping: done,
    close: done,
  };
  return { bus, stored, sizes, seen };
}

async function publishAll(bus: Bus): Promise<void> {
  await fill();
  const relay = new Relay(stand.fork, bus, createMetrics(), testLog());
  relay.start();
  await eventually(left, (count) => count === 0, LIMIT);
  await relay.stop();
}

const versionsOf = (messages: readonly BusMessage[]) =>
  [...Map.groupBy(messages, ({ key }) => key).values()].map((of) => of.map(({ value }) => Number(value)));
const ALL = Array.from({ length: VERSIONS }, (_, n) => n + 1);

test('a long outbox goes out once, in batches one at a time, the versions of an order in their order', async () => {
  const { bus, stored, sizes, seen } = memoryBus(() => undefined);
  await publishAll(bus);
  expect(stored).toHaveLength(ORDERS * VERSIONS);
  expect(versionsOf(stored)).toEqual(Array.from({ length: ORDERS }, () => ALL));
  expect(seen.most).toBe(1);
  expect(sizes.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(504);
}, 30_000);

test('when a batch in the middle may not have been stored, what follows waits until it was sent again', async () => {
  const { bus, stored, seen } = memoryBus((batch) => {
    if (batch === 2) throw new Error('the answer was lost');
  });
  await publishAll(bus);
  const firsts = versionsOf(stored).map((versions) => [...new Set(versions)]);
  expect(firsts).toEqual(Array.from({ length: ORDERS }, () => ALL));
  expect(stored.length).toBeGreaterThan(ORDERS * VERSIONS);
  expect(seen.most).toBe(1);
}, 30_000);
