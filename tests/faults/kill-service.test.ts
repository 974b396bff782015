import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { kafkaBrokers } from '../support/kafka.js';
import { redisUrl } from '../support/redis.js';
import { scaled } from '../support/scale.js';
import { audit, NOTHING_WRONG } from './support/accounts.js';
import { buy } from './support/buyers.js';
import { startSite, type Replica, type Site } from './support/site.js';

const [brokers, redis] = [kafkaBrokers(), redisUrl()];
const PURCHASES = scaled(1_000);
const KILLS = scaled(20);

(brokers && redis ? describe : describe.skip)('given a site with real Kafka and Redis', () => {
  let site: Site;
  let first: Replica;

  beforeAll(async () => {
    site = await startSite({ brokers: brokers ?? [], redisUrl: redis ?? '', students: PURCHASES });
    first = await site.startReplica();
  }, 90_000);
  afterAll(() => site.stop(), 60_000);

  it('when the service is killed at any moment while buyers buy, then nothing is lost, doubled or out of order', async () => {
    let kills = 0;
    let isDone = false;
    const killing = (async () => {
      while (!isDone && kills < KILLS) {
        // The moment is to be any: this is the fault, not a wait for something.
        await pause(500 + Math.random() * 2_000);
        await first.killAndRestart();
        kills += 1;
      }
    })();
    const { orderIds } = await buy(site, [first], PURCHASES, 8);
    isDone = true;
    await killing;
    const since = Date.now();
    const wrongs = await eventually(
      () => audit(site),
      (found) => JSON.stringify(found) === JSON.stringify(NOTHING_WRONG),
      { limitMs: 120_000, everyMs: 250 },
    );
    const settledMs = Date.now() - since;

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(new Set(orderIds).size).toBe(PURCHASES);
    expect(await site.sql('select count(*)::int as n from orders')).toEqual([{ n: PURCHASES }]);
    process.stdout.write(
      `service killed: ${PURCHASES} purchases, ${kills} kills, 0 lost, settled in ${settledMs} ms\n`,
    );
  }, 600_000);

  it('when a second replica works beside it and one is killed, then the other takes its work over', async () => {
    const second = await site.startReplica();
    const before = await site.sql<{ n: number }>('select count(*)::int as n from orders');
    const [owner] = await site.sql<{ owner: string }>('select owner from relay_leases limit 1');
    await first.kill();
    const since = Date.now();
    await eventually(
      () =>
        site.sql(
          'select 1 from relay_leases where until > clock_timestamp() and owner <> $1 group by owner having count(*) = 8',
          [owner?.owner],
        ),
      (rows) => rows.length === 1,
      { limitMs: 20_000 },
    );
    const takenOverMs = Date.now() - since;
    expect(takenOverMs).toBeLessThan(12_000);
    expect(await site.sql<{ n: number }>('select count(*)::int as n from orders')).toEqual(before);
    await second.stop();
    process.stdout.write(`replica killed: the other owns every shard after ${takenOverMs} ms\n`);
  }, 120_000);
});
