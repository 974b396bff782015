import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { missingMigrations } from '../../../src/persistence/missing-migrations.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

const NEWEST = 'Migration20261129000000_deleted_courses';

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
}, 60_000);
afterAll(() => stand.close());
beforeEach(async () => {
  await stand.sql('delete from migrations where name = $1', [NEWEST]);
  await stand.sql('insert into migrations (name) values ($1)', [NEWEST]);
});

describe('the migrations of this release', () => {
  test('are there, and are not asked for again soon', async () => {
    const check = missingMigrations(stand.fork);
    await stand.fork().execute('select 1');
    stand.proxy.takeStatements();
    expect([await check(), await check()]).toEqual([true, true]);
    expect(stand.proxy.takeStatements()).toEqual(['select name from migrations']);
  });

  test('are named where they are missing, until they are applied', async () => {
    const check = missingMigrations(stand.fork);
    await stand.sql('delete from migrations where name = $1', [NEWEST]);
    expect(await check()).toBe(`not applied: ${NEWEST}`);
    await stand.sql('insert into migrations (name) values ($1)', [NEWEST]);
    expect(await check()).toBe(true);
  });

  test('do no harm where there are more, of a later release', async () => {
    await stand.sql(`insert into migrations (name) values ('Migration20990101000000_later')`);
    expect(await missingMigrations(stand.fork)()).toBe(true);
  });

  test('cannot be looked at without a database: the check fails', async () => {
    stand.proxy.stop();
    await expect(missingMigrations(stand.fork)()).rejects.toThrow();
    stand.proxy.resume();
  });
});
