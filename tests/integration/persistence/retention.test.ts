import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { forgetOld, type Ages } from '../../../src/persistence/retention.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { minutes, T0 } from '../../support/test-clock.js';

const DAY = 24 * 60;
const AGES: Ages = { requestsMs: 2 * DAY * 60_000, inboxMs: 14 * DAY * 60_000, deadLettersMs: 90 * DAY * 60_000 };
const TABLES = ['idempotency', 'inbox', 'dead_letters', 'deleted_courses'] as const;
let stand: OrderStand;

beforeAll(async () => void (stand = await openOrderStand()));
afterAll(() => stand.close());
beforeEach(() => stand.sql(`truncate ${TABLES.join(', ')}`));

/** A row of each table, so many days old; `resolved` for dead letters that were dealt with. */
async function addRows(count: number, days: number, resolution: string | null = 'discarded'): Promise<void> {
  const at = minutes(-days * DAY);
  const rows = `from generate_series(1, ${count})`;
  await stand.sql(
    `insert into idempotency (viewer_id, operation, key, request_hash, result, lease_until, created_at)
     select gen_random_uuid(), 'placeOrder', 'k', 'h', 'r', null, $1 ${rows}`,
    [at],
  );
  await stand.sql(`insert into inbox (topic, event_key, received_at) select 't', gen_random_uuid(), $1 ${rows}`, [at]);
  await stand.sql(`insert into deleted_courses (course_id, deleted_at) select gen_random_uuid(), $1 ${rows}`, [at]);
  await stand.sql(
    `insert into dead_letters (id, topic, partition, "offset", key, headers, value, reason, attempts, created_at, resolution, resolved_at)
     select gen_random_uuid(), 't', 0, '0', '', '{}', '', 'r', 1, $1, $2, $3 ${rows}`,
    [at, resolution, resolution && at],
  );
}
const counts = async () => {
  const each = TABLES.map((table) => `(select count(*)::int from ${table}) as ${table}`);
  return (await stand.sql(`select ${each.join(', ')}`))[0];
};

test.each([
  [1, { idempotency: 1, inbox: 1, dead_letters: 1, deleted_courses: 1 }],
  [3, { idempotency: 0, inbox: 1, dead_letters: 1, deleted_courses: 1 }],
  [15, { idempotency: 0, inbox: 0, dead_letters: 1, deleted_courses: 1 }],
  [31, { idempotency: 0, inbox: 0, dead_letters: 1, deleted_courses: 0 }],
  [91, { idempotency: 0, inbox: 0, dead_letters: 0, deleted_courses: 0 }],
])('of rows %i days old these are kept: %j', async (days, kept) => {
  await addRows(1, days);
  expect(await forgetOld(stand.fork, T0, AGES)).toBe(false);
  expect(await counts()).toEqual(kept);
});

test('in pieces of a thousand, until nothing is left', async () => {
  await addRows(1_200, 100);
  expect(await forgetOld(stand.fork, T0, AGES)).toBe(true);
  expect(await counts()).toEqual({ idempotency: 200, inbox: 200, dead_letters: 200, deleted_courses: 200 });
  expect(await forgetOld(stand.fork, T0, AGES)).toBe(false);
  expect(await counts()).toEqual({ idempotency: 0, inbox: 0, dead_letters: 0, deleted_courses: 0 });
});

test('a dead letter that nobody has dealt with stays, however old', async () => {
  await addRows(1, 1_000, null);
  await forgetOld(stand.fork, T0, AGES);
  expect(await counts()).toMatchObject({ dead_letters: 1 });
});

test('old rows are found by an index', async () => {
  await addRows(5_000, 1);
  await stand.sql(`insert into inbox values ('t', $1, $2)`, [randomUUID(), minutes(-20 * DAY)]);
  await stand.sql('vacuum analyze inbox');
  const plan = await stand.sql(`explain select ctid from inbox where received_at < $1 limit 1000`, [
    minutes(-14 * DAY),
  ]);
  expect(JSON.stringify(plan)).toContain('inbox_age');
});
