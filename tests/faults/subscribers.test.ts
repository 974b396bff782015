import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from 'graphql-ws';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { eventually } from '../support/eventually.js';
import { canStartKafka } from '../support/kafka.js';
import { canStartRedis } from '../support/redis.js';
import { scaled } from '../support/scale.js';
import { Buyer } from './support/buyer.js';
import { COURSES, forAll } from './support/buyers.js';
import { meanwhile } from './support/meanwhile.js';
import { redisPart, type Part } from './support/part.js';
import type { Replica } from './support/replica.js';
import { startSite, type Site } from './support/site.js';
import { openSocket, Subscriber } from './support/subscribers.js';

const ORDERS = scaled(100);
const OF_EACH = 10;
const AT_ONCE = 8;
const RESTARTS = 3;

/** An order that is followed by many at once, and the buyer who pays for it. */
interface Followed {
  readonly buyer: Buyer;
  readonly orderId: string;
}

(canStartKafka() && canStartRedis() ? describe : describe.skip)('given many subscribers over two replicas', () => {
  let [redis, site] = [] as unknown as [Part, Site];
  let replicas: readonly Replica[];
  const sockets: Client[] = [];

  beforeAll(async () => {
    redis = await redisPart();
    site = await startSite({ students: ORDERS, redisUrl: redis.url });
    replicas = [await site.startReplica(), await site.startReplica()];
  }, 120_000);
  afterAll(async () => {
    for (const socket of sockets) await socket.dispose();
    await site.stop();
    await redis.remove();
  }, 60_000);

  it('when their orders change, Redis is restarted and some reconnect, then each has seen every change once and in order', async () => {
    const followed = await forAll(ORDERS, AT_ONCE, (n) => place(n));
    const subscribers = await follow(followed);
    const paying = forAll(ORDERS, AT_ONCE, async (n) => {
      const { buyer, orderId } = followed[n] as Followed;
      await buyer.pay(orderId, 'approve', 'SUCCEEDED');
      const some = subscribers.filter((one, i) => one.orderId === orderId && i % 3 === 0);
      for (const subscriber of some) subscriber.reconnect();
    });
    const { count: restarts } = await meanwhile(paying, { fault: restartRedis, times: RESTARTS, pauseMs: [50, 500] });
    const waited = await untilAllHaveEnded(subscribers);
    const seen = await wrong(subscribers);
    const changes = subscribers.reduce((sum, { versions }) => sum + versions.length, 0);
    process.stdout.write(
      `${subscribers.length} subscribers on ${ORDERS} orders, ${changes} changes, ${restarts} restarts of Redis; ` +
        `the last change had come to all ${waited} ms after the last payment\n`,
    );
    expect(subscribers.flatMap(({ failure }) => failure ?? [])).toEqual([]);
    expect(seen).toEqual([]);
    expect(restarts).toBeGreaterThan(0);
  }, 600_000);

  async function place(n: number): Promise<Followed> {
    const userId = generatedStudentIds(ORDERS)[n] as string;
    const buyer = new Buyer(site, replicas, { userId, courseId: COURSES[n % COURSES.length] as string, first: n });
    return { buyer, orderId: await buyer.place() };
  }

  /** Each order is followed by its buyer over one socket at each replica, half of the streams at each. */
  async function follow(followed: readonly Followed[]): Promise<Subscriber[]> {
    const all = await forAll(followed.length, AT_ONCE, async (n) => {
      const { buyer, orderId } = followed[n] as Followed;
      const token = await buyer.token();
      const both = replicas.map((replica) => openSocket(replica, token));
      sockets.push(...both);
      return Array.from({ length: OF_EACH }, (_, i) => new Subscriber(orderId, both[i % both.length] as Client));
    });
    return all.flat();
  }

  async function restartRedis(): Promise<void> {
    await redis.stop();
    await redis.start();
  }

  async function untilAllHaveEnded(subscribers: readonly Subscriber[]): Promise<number> {
    const since = Date.now();
    await eventually(
      () => subscribers.filter(({ ends }) => ends !== 'COMPLETE').length,
      (left) => left === 0,
      { limitMs: 60_000, everyMs: 50 },
    );
    return Date.now() - since;
  }

  /** Those who have not seen exactly what the table of events has. */
  async function wrong(subscribers: readonly Subscriber[]): Promise<object[]> {
    const rows = await site.sql<{ id: string; versions: number[] }>(
      'select order_id as id, array_agg(version order by version) as versions from order_events group by 1',
    );
    const versionsOf = new Map(rows.map(({ id, versions }) => [id, versions]));
    return subscribers
      .filter(({ orderId, versions }) => String(versions) !== String(versionsOf.get(orderId)))
      .map(({ orderId, versions }) => ({ orderId, seen: versions, stored: versionsOf.get(orderId) }));
  }
});
