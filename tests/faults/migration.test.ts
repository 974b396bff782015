import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/persistence/migrate.js';
import { eventually } from '../support/eventually.js';
import { testLog } from '../support/log.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { buy } from './support/buyers.js';
import type { Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const PURCHASES = scaled(500);
const EXPANDING = new URL('../support/expanding-migrations', import.meta.url).pathname;

(canStartSite() ? describe : describe.skip)('given two replicas that sell', () => {
  let site: Site;
  let replicas: readonly Replica[];

  beforeAll(async () => {
    site = await startSite({ students: PURCHASES });
    replicas = [await site.startReplica(), await site.startReplica()];
  }, 120_000);
  afterAll(() => site.stop(), 60_000);

  const sold = async () => (await site.sql<{ n: number }>('select count(*)::int as n from orders'))[0]?.n ?? 0;

  it('when a column, an index, a backfill and a constraint are added meanwhile, then no call fails', async () => {
    const failures: string[] = [];
    const buying = buy(site, replicas, {
      purchases: PURCHASES,
      atOnce: 12,
      onFailure: (failure) => failures.push(String(failure)),
    });
    await eventually(sold, (count) => count >= PURCHASES / 4, { limitMs: 120_000 });
    await migrate(site.databaseUrl, testLog(), { folder: EXPANDING });
    const soldMeanwhile = await sold();
    const accepted = await buying;
    const { wrongs } = await settle(site);

    expect(failures).toEqual([]);
    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(await endings(site.sql, accepted)).toEqual(accepted);
    expect(soldMeanwhile).toBeLessThan(PURCHASES);
    // Orders of the old release know nothing of the column: what came after the backfill is empty, all before is filled.
    const [rows] = await site.sql<{ filled: number; index: boolean; proved: boolean }>(`select
      (select count(*)::int from orders where region = 'eu') as filled,
      (select indisvalid from pg_index where indexrelid = 'orders_by_region'::regclass) as index,
      (select convalidated from pg_constraint where conname = 'orders_region') as proved`);
    expect(rows).toMatchObject({ index: true, proved: true });
    expect(rows?.filled).toBeGreaterThanOrEqual(PURCHASES / 4);
    process.stdout.write(
      `migrated while selling: ${PURCHASES} purchases through two replicas, 4 migrations, ${rows?.filled} rows filled, 0 calls failed\n`,
    );
  }, 600_000);
});
