import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { OutboxPass, type Lease, type OutboxRow } from '../../../src/messaging/outbox.js';
import { SHARDS, shardOf } from '../../../src/persistence/outbox-message.js';
import { idOf, idSequence } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

let stand: OrderStand;
let nextId: () => string;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());
beforeEach(async () => {
  nextId = idSequence('message');
  await stand.sql('delete from outbox');
  await stand.sql(`update relay_leases set owner = 'me', epoch = 3, until = now() + interval '1 hour'`);
});

const SHARD_NUMBERS = Array.from({ length: SHARDS }, (_, shard) => shard);
const leases = (shards: readonly number[] = SHARD_NUMBERS): Lease[] => shards.map((shard) => ({ shard, epoch: '3' }));
const order = (n: number) => idOf(`outbox order ${n}`);
const add = (orderId: string, version: number) =>
  stand.sql(
    `insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
     values ($1, 't', $2::uuid, '{}', '{}', 'order', $2::uuid, $3, $4, now())`,
    [nextId(), orderId, version, shardOf(orderId)],
  );
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);
const left = async () => ids(await stand.sql<{ id: string }>('select id from outbox'));

/** All batches of a pass. */
async function walk(pass: OutboxPass): Promise<OutboxRow[][]> {
  const batches: OutboxRow[][] = [];
  for (let rows = await pass.next(); rows.length > 0; rows = await pass.next()) batches.push(rows);
  return batches;
}

test('a pass reads every row once, versions of an order in their order over any number of batches', async () => {
  for (let version = 12; version > 0; version--) {
    for (let n = 0; n < 10; n++) await add(order(n), version);
  }
  const batches = await walk(new OutboxPass(stand.fork, 'me', leases(), 16));
  const seen = batches.flat();
  expect(new Set(ids(seen)).size).toBe(120);
  expect(seen).toHaveLength(120);
  const most = batches.map((rows) =>
    Math.max(...[...Map.groupBy(rows, ({ shard }) => shard).values()].map((of) => of.length)),
  );
  expect(Math.max(...most)).toBe(2);
  for (const rows of Map.groupBy(seen, ({ key }) => key).values()) {
    expect(rows.map(({ aggregate_version }) => aggregate_version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  }
});

test('a pass sees what was added behind its place, and leaves what was added before it to the next pass', async () => {
  const [low = '', middle = '', high = ''] = [0, 1, 2].map((n) => `0000000${n}-0000-4000-8000-000000000000`);
  await add(middle, 1);
  const pass = new OutboxPass(stand.fork, 'me', leases([0]), 10);
  expect((await pass.next()).map(({ key }) => key)).toEqual([middle]);
  await add(low, 1);
  await add(middle, 2);
  await add(high, 1);
  expect((await pass.next()).map(({ key, aggregate_version: version }) => [key, version])).toEqual([
    [middle, 2],
    [high, 1],
  ]);
  const [first] = await new OutboxPass(stand.fork, 'me', leases([0]), 10).next();
  expect(first?.key).toBe(low);
});

test('only rows of leased shards are read', async () => {
  for (let n = 0; n < 30; n++) await add(order(n), 1);
  const rows = (await walk(new OutboxPass(stand.fork, 'me', leases([1, 4]), 10))).flat();
  const wanted = Array.from({ length: 30 }, (_, n) => order(n)).filter((id) => [1, 4].includes(shardOf(id)));
  expect(rows.map(({ key }) => key).sort()).toEqual(wanted.sort());
  expect(wanted.length).toBeGreaterThan(0);
});

test.each([
  ['another owner', `owner = 'you'`],
  ['a later epoch', `epoch = 4`],
  ['an end of the lease', `until = now() - interval '1 ms'`],
])('rows of a shard with %s are not deleted, the others are', async (_, change) => {
  for (let n = 0; n < 30; n++) await add(order(n), 1);
  const pass = new OutboxPass(stand.fork, 'me', leases(), 800);
  const rows = await pass.next();
  await stand.sql(`update relay_leases set ${change} where shard in (2, 5)`);
  await pass.forget(rows);
  const kept = rows.filter(({ shard }) => [2, 5].includes(shard));
  expect(kept.length).toBeGreaterThan(0);
  expect((await left()).sort()).toEqual(ids(kept).sort());
});

test('with a long outbox too, rows are found by indexes alone', async () => {
  await stand.sql(`insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
    select gen_random_uuid(), 't', 'k', '{}', '{}', 'order', gen_random_uuid(), 1, n % ${SHARDS}, now() from generate_series(1, 5000) n`);
  await stand.sql('analyze outbox');
  stand.proxy.takeStatements();
  const pass = new OutboxPass(stand.fork, 'me', leases(), 80);
  const rows = await pass.next();
  await pass.forget(rows);
  const sent = stand.proxy.takeStatements().filter((sql) => sql.includes(' outbox'));
  const plans = await Promise.all(
    sent.map(async (sql) => JSON.stringify(await stand.sql(`explain (format json) ${sql}`))),
  );
  const used = plans.map((plan) =>
    [...plan.matchAll(/"(?:Index Name|Node Type)":"(outbox\w+|Seq Scan)"/g)].map(([, name]) => name),
  );
  expect(used).toEqual([['outbox_shard'], ['outbox_pkey']]);
});
