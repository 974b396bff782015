import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { buy } from './support/buyers.js';
import { makeDueOrders } from './support/due-orders.js';
import { auditLog } from './support/kafka-log.js';
import { meanwhile } from './support/meanwhile.js';
import type { Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const PURCHASES = scaled(1_000);
const KILLS = Math.max(2, scaled(10));
const DUE = scaled(20_000);
const DUE_AFTER_KILL = 100;
const TAKE_OVER_MS = 10_000;
const EXPIRED = `select count(*)::int as n from order_events where type = 'EXPIRED'`;

(canStartSite() ? describe : describe.skip)('given two replicas on one database and broker', () => {
  let site: Site;
  let [first, second] = [] as unknown as [Replica, Replica];

  beforeAll(async () => {
    site = await startSite({ students: PURCHASES });
    first = await site.startReplica();
    second = await site.startReplica();
  }, 120_000);
  afterAll(() => site.stop(), 60_000);

  const expiredBy = (replica: Replica) => replica.metric('order_service_orders_expired_total');
  const counted = async (text: string) => (await site.sql<{ n: number }>(text))[0]?.n;
  const untilNothingIsDue = () =>
    eventually(
      () => counted(`select count(*)::int as n from orders where expires_at <= now()`),
      (n) => n === 0,
      { limitMs: 120_000, everyMs: 50 },
    );

  it('when one or the other is killed while buyers buy, then nothing is lost, doubled or out of order', async () => {
    const buying = buy(site, [first, second], { purchases: PURCHASES, atOnce: 16 });
    const { result: accepted, count: kills } = await meanwhile(buying, {
      fault: (number) => (number % 2 ? first : second).killAndRestart(),
      times: KILLS,
      pauseMs: [500, 1_500],
    });
    const { wrongs, ms } = await settle(site);
    const log = await auditLog(site);

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(await endings(site.sql, accepted)).toEqual(accepted);
    expect(log).toMatchObject({ missing: 0, neverCommitted: 0, outOfOrder: 0 });
    expect(kills).toBe(KILLS);
    process.stdout.write(
      `two replicas: ${PURCHASES} purchases, ${kills} kills, 0 lost, settled in ${ms} ms; ` +
        `${log.messages} messages in Kafka, ${log.repeats} repeats\n`,
    );
  }, 900_000);

  it('when many orders are due, then both sweep and each order expires once', async () => {
    const before = [await expiredBy(first), await expiredBy(second)] as const;
    await makeDueOrders(site, { count: DUE, sinceSeconds: 60 });
    await untilNothingIsDue();
    const shares = [(await expiredBy(first)) - before[0], (await expiredBy(second)) - before[1]] as const;

    expect(shares[0] + shares[1]).toBe(DUE);
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(await counted(EXPIRED)).toBe(DUE);
    expect((await settle(site)).wrongs).toEqual(NOTHING_WRONG);
    expect(await auditLog(site)).toMatchObject({ missing: 0, neverCommitted: 0, outOfOrder: 0 });
    process.stdout.write(`two replicas: ${DUE} due orders expired once, shared ${shares.join(' to ')}\n`);
  }, 300_000);

  it('when either is killed, then the other takes over its orders and messages within ten seconds', async () => {
    const epochs = await site.sql<{ shard: number; epoch: string }>('select shard, epoch from relay_leases');
    const times: number[] = [];
    for (const replica of [first, second]) {
      await replica.kill();
      times.push(await workIsDone());
      await replica.killAndRestart();
    }
    const risen = await counted(
      `select count(*)::int as n from relay_leases lease
       join jsonb_to_recordset('${JSON.stringify(epochs)}') before(shard int, epoch bigint) using (shard)
       where lease.epoch > before.epoch`,
    );

    expect(Math.max(...times)).toBeLessThan(TAKE_OVER_MS);
    // Every shard was one of them’s.
    expect(risen).toBe(epochs.length);
    expect((await settle(site)).wrongs).toEqual(NOTHING_WRONG);
    process.stdout.write(`two replicas: the work of a killed one was taken over after ${Math.max(...times)} ms\n`);
  }, 120_000);

  /** Lets orders of every shard come due. @returns after how many ms all of them have expired and been published */
  async function workIsDone(): Promise<number> {
    const since = Date.now();
    const before = (await counted(EXPIRED)) ?? 0;
    await makeDueOrders(site, { count: DUE_AFTER_KILL, sinceSeconds: 0 });
    await eventually(
      async () => [await counted(EXPIRED), await counted('select count(*)::int as n from outbox')],
      ([expired, waiting]) => expired === before + DUE_AFTER_KILL && waiting === 0,
      { limitMs: 30_000, everyMs: 25 },
    );
    return Date.now() - since;
  }
});
