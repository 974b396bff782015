import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { buy } from './support/buyers.js';
import { auditLog } from './support/kafka-log.js';
import { meanwhile } from './support/meanwhile.js';
import type { Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const PURCHASES = scaled(1_000);
const KILLS = scaled(20);

(canStartSite() ? describe : describe.skip)('given a site with real Kafka and Redis', () => {
  let site: Site;
  let replica: Replica;

  beforeAll(async () => {
    site = await startSite({ students: PURCHASES });
    replica = await site.startReplica();
  }, 90_000);
  afterAll(() => site.stop(), 60_000);

  it('when the service is killed at any moment while buyers buy, then nothing is lost, doubled or out of order', async () => {
    const buying = buy(site, [replica], { purchases: PURCHASES, atOnce: 16 });
    const { result: accepted, count: kills } = await meanwhile(buying, {
      fault: () => replica.killAndRestart(),
      times: KILLS,
      pauseMs: [200, 1_500],
    });
    const { wrongs, ms } = await settle(site);
    const log = await auditLog(site);

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(await endings(site.sql, accepted)).toEqual(accepted);
    expect(await site.sql('select count(*)::int as n from orders')).toEqual([{ n: PURCHASES }]);
    expect(log).toMatchObject({ missing: 0, neverCommitted: 0, outOfOrder: 0 });
    expect(kills).toBe(KILLS);
    process.stdout.write(
      `service killed: ${PURCHASES} purchases, ${kills} kills, 0 lost, settled in ${ms} ms; ` +
        `${log.messages} messages in Kafka, ${log.repeats} of them repeats\n`,
    );
  }, 900_000);
});
