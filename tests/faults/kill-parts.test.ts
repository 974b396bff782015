import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { eventually } from '../support/eventually.js';
import { canStartKafka } from '../support/kafka.js';
import { canStartRedis } from '../support/redis.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { Buyer } from './support/buyer.js';
import { buy, COURSES } from './support/buyers.js';
import { follow } from './support/follow.js';
import { auditLog } from './support/kafka-log.js';
import { meanwhile } from './support/meanwhile.js';
import { kafkaPart, postgresPart, redisPart, type Part } from './support/part.js';
import type { Replica } from './support/replica.js';
import { startSite, type Site } from './support/site.js';

const PURCHASES = scaled(1_000);
const ROUNDS = Math.max(1, scaled(7));
const RESUME_MS = 15_000;

(canStartKafka() && canStartRedis() ? describe : describe.skip)('given a site whose parts go away', () => {
  let parts: readonly Part[];
  let [kafka, site, replica] = [] as unknown as [Part, Site, Replica];

  beforeAll(async () => {
    const [bus, redis, postgres] = await Promise.all([kafkaPart(), redisPart(), postgresPart()]);
    [kafka, parts] = [bus, [bus, redis, postgres]];
    site = await startSite({
      brokers: bus.url.split(','),
      redisUrl: redis.url,
      students: PURCHASES,
      postgresUrl: postgres.url,
    });
    replica = await site.startReplica();
  }, 120_000);
  afterAll(async () => {
    await site.stop();
    await Promise.all(parts.map((part) => part.remove()));
  }, 60_000);

  /** Waits until `/ready` says of a part that it is up or down. @returns what else it said */
  const untilSaid = (part: string, state: 'up' | 'down') =>
    eventually(
      () => replica.readiness(),
      ({ parts: said }) => said[part] === state,
      { limitMs: 60_000, everyMs: 25 },
    );

  /** Waits until it is ready, and messages have gone out and come in again. @returns how long that took, ms */
  const untilWorking = async (isOver: () => boolean) => {
    const since = Date.now();
    const counts = () =>
      Promise.all(['relay_published_total', 'consumed_total'].map((name) => replica.metric(`order_service_${name}`)));
    const before = await counts();
    await eventually(
      async () => {
        const { parts: said } = await replica.readiness();
        const isWhole = parts.every(({ name }) => said[name] === 'up');
        const now = await counts();
        return isWhole && (isOver() || now.every((count, i) => count > (before[i] ?? 0)));
      },
      Boolean,
      { limitMs: 60_000, everyMs: 25 },
    );
    return Date.now() - since;
  };

  it('when broker, Redis and database go and come back while buyers buy, then nothing is lost and work resumes by itself', async () => {
    const resumed: Record<string, number> = {};
    const wrongCodes: string[] = [];
    let isOver = false;
    const buying = buy(site, [replica], { purchases: PURCHASES, atOnce: 16 }).finally(() => (isOver = true));
    const takeAway = async (part: Part) => {
      await part.stop();
      const { code } = await untilSaid(part.name, 'down');
      // Without Redis or Kafka it serves on; without PostgreSQL it must get no requests.
      if (code !== (part.name === 'database' ? 503 : 200)) wrongCodes.push(`${part.name}: ${code}`);
      await part.start();
      const ms = await untilWorking(() => isOver);
      resumed[part.name] = Math.max(resumed[part.name] ?? 0, ms);
    };
    const { result: accepted, count } = await meanwhile(buying, {
      fault: (number) => takeAway(parts[(number - 1) % parts.length] as Part),
      times: ROUNDS * parts.length,
      pauseMs: [100, 800],
    });
    const { wrongs, ms } = await settle(site);
    const log = await auditLog(site);

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(await endings(site.sql, accepted)).toEqual(accepted);
    expect(log).toMatchObject({ missing: 0, neverCommitted: 0, outOfOrder: 0 });
    expect(wrongCodes).toEqual([]);
    expect(replica.isAlive()).toBe(true);
    expect(count).toBe(ROUNDS * parts.length);
    for (const one of Object.values(resumed)) expect(one).toBeLessThan(RESUME_MS);
    process.stdout.write(
      `parts taken away: ${PURCHASES} purchases, ${count} faults, 0 lost, settled in ${ms} ms, ` +
        `at work again after at most ${JSON.stringify(resumed)} ms; ${log.messages} messages in Kafka, ${log.repeats} repeats\n`,
    );
  }, 900_000);

  it('when Kafka is away, then a client that follows an order gets its next update all the same', async () => {
    const userId = generatedStudentIds(PURCHASES).at(-1) as string;
    const buyer = new Buyer(site, [replica], { userId, courseId: COURSES[0] as string, first: 0 });
    const orderId = await buyer.place();
    const stream = follow(replica, await buyer.token(), orderId);
    await eventually(() => stream.types.length === 1);
    await kafka.stop();
    expect((await untilSaid('bus', 'down')).code).toBe(200);
    await buyer.cancel(orderId);
    await eventually(() => stream.types.length === 2);
    expect(stream.types).toEqual(['PLACED', 'CANCELLED']);
    expect((await replica.readiness()).parts).toMatchObject({ bus: 'down', hints: 'up', database: 'up' });
    expect(await site.sql(`select topic from outbox where topic like 'order.%'`)).toEqual([
      { topic: 'order.course.cancelled.v1' },
    ]);
    await stream.stop();
    await kafka.start();
    await untilSaid('bus', 'up');
    await eventually(
      () => site.sql('select 1 from outbox'),
      (rows) => rows.length === 0,
    );
  }, 120_000);
});
