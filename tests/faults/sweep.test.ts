import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { scaled } from '../support/scale.js';
import { endings } from './support/accounts.js';
import { buy } from './support/buyers.js';
import { makeDueOrders } from './support/due-orders.js';
import type { Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const DUE = scaled(100_000);
const UNDECIDABLE = scaled(5_000);
const PURCHASES = scaled(300);
/** Most orders that one transaction of the sweep may hold. */
const CHUNK = 100;

(canStartSite() ? describe : describe.skip)(
  'given very many orders that are due, the oldest of which cannot be decided',
  () => {
    let site: Site;
    let replica: Replica;

    beforeAll(async () => {
      site = await startSite({ students: PURCHASES });
      replica = await site.startReplica();
    }, 120_000);
    afterAll(() => site.stop(), 60_000);

    const expired = async () =>
      (await site.sql<{ n: number }>(`select count(*)::int as n from orders where status = 'EXPIRED'`))[0]?.n ?? 0;

    it('when they are swept, then in small transactions, past those at the head, while buyers buy', async () => {
      await makeDueOrders(site, { count: UNDECIDABLE, awaitingResult: true, sinceSeconds: 3_600 });
      await makeDueOrders(site, { count: DUE, sinceSeconds: 60 });
      const since = Date.now();
      const accepted = await buy(site, [replica], { purchases: PURCHASES, atOnce: 8, onlyPaying: true });
      const expiredWhileBuying = await expired();
      await eventually(expired, (count) => count === DUE, { limitMs: 600_000, everyMs: 250 });
      const ms = Date.now() - since;
      // A row's xmin is the transaction that wrote it last: the one that expired or postponed it.
      const [largest] = await site.sql<{ n: number }>(`select count(*)::int as n from orders
      where status in ('EXPIRED', 'PROCESSING') group by xmin order by 1 desc limit 1`);

      const undecided = await site.sql(
        `select count(*)::int as n, bool_and(expires_at > $1) as "postponed" from orders where status = 'PROCESSING'`,
        [new Date(since)],
      );
      const twice = await site.sql(
        `select 1 from order_events where type = 'EXPIRED' group by order_id having count(*) > 1`,
      );

      expect(largest?.n).toBeLessThanOrEqual(CHUNK);
      expect(expiredWhileBuying).toBeGreaterThan(0);
      expect(undecided).toEqual([{ n: UNDECIDABLE, postponed: true }]);
      expect(twice).toEqual([]);
      await eventually(
        async () =>
          [...(await endings(site.sql, accepted)).values()].filter((ending) => ending !== 'SUCCEEDED FULFILLED'),
        (others) => others.length === 0,
        { limitMs: 60_000 },
      );
      process.stdout.write(
        `sweep: ${DUE} orders expired and ${UNDECIDABLE} postponed in ${ms} ms, at most ${largest?.n} in a transaction, ` +
          `beside ${PURCHASES} purchases\n`,
      );
    }, 900_000);
  },
);
