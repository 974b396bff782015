import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import kafkajs, { type Producer } from 'kafkajs';
import { freePort } from '../../dev/laptop/ports.js';
import { ordersSubgraph } from '../../src/resolvers/index.js';
import { hostileOperations } from '../integration/server/hostile-operations.js';
import { eventually } from '../support/eventually.js';
import { scaled } from '../support/scale.js';
import { endings, NOTHING_WRONG, settle } from './support/accounts.js';
import { buy, forAll } from './support/buyers.js';
import { watchHealth } from './support/health-watch.js';
import { heapAfterCollection } from './support/heap.js';
import {
  grpcCalls,
  openHostileDoors,
  rawRequests,
  type Complaint,
  type HostileDoors,
} from './support/hostile-doors.js';
import { hostileMessages } from './support/hostile-messages.js';
import type { Replica } from './support/replica.js';
import { canStartSite, startSite, type Site } from './support/site.js';

const OPERATIONS = scaled(10_000);
const MESSAGES = scaled(10_000);
const PURCHASES = scaled(100);
const SEED = 20_261_129;
const BATCH = 100;
/** So many of each fill the caches first: afterwards the heap is at its level. */
const WARM_UP = 3_000;
/** Messages about orders that exist need some orders. */
const FIRST_PURCHASES = 10;

(canStartSite() ? describe : describe.skip)('given a service that is attacked over every door at once', () => {
  let site: Site;
  let replica: Replica;
  let doors: HostileDoors;
  let producer: Producer;
  let inspectPort: number;
  const complaints: Complaint[] = [];

  beforeAll(async () => {
    site = await startSite({ students: FIRST_PURCHASES + PURCHASES });
    inspectPort = await freePort();
    replica = await site.startReplica({ NODE_OPTIONS: `--inspect=127.0.0.1:${inspectPort}` });
    doors = await openHostileDoors(replica);
    const { Kafka, logLevel } = kafkajs;
    const kafka = new Kafka({ brokers: [...site.brokers], clientId: 'hostile', logLevel: logLevel.NOTHING });
    producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
  }, 90_000);
  afterAll(async () => {
    await producer.disconnect();
    await doors.close();
    await site.stop();
  }, 60_000);

  /** Puts a share of generated inputs through a door, some at once. */
  const attack = async <T>(
    inputs: fc.Arbitrary<T>,
    count: number,
    door: (input: T) => Promise<Complaint>,
    seed: number,
  ) => {
    const generated = fc.sample(inputs, { numRuns: count, seed });
    for (const complaint of await forAll(count, 4, (n) => door(generated[n] as T)))
      if (complaint) complaints.push(complaint);
    return count;
  };
  const operations = hostileOperations(ordersSubgraph().schema);
  /** @returns how many operations were sent */
  const attackDoors = async (count: number, seed: number) => {
    const share = (of: number) => Math.round(count * of);
    const counts = await Promise.all([
      attack(operations, share(0.4), doors.overHttp, seed),
      attack(operations, share(0.2), doors.overWebSocket, seed + 1),
      attack(rawRequests, share(0.1), doors.rawHttp, seed + 2),
      attack(grpcCalls, share(0.2), doors.overGrpc, seed + 3),
      attack(fc.uint8Array({ maxLength: 300 }), share(0.1), doors.rawGrpc, seed + 4),
    ]);
    return counts.reduce((a, b) => a + b, 0);
  };

  let known: readonly string[] = [];
  const attackTopics = async (count: number, seed: number) => {
    for (let sent = 0; sent < count; sent += BATCH) {
      known = (await site.sql<{ id: string }>('select id from orders')).map(({ id }) => id);
      const some = fc.sample(
        hostileMessages(() => known),
        { numRuns: Math.min(BATCH, count - sent), seed: seed + sent },
      );
      const byTopic = Map.groupBy(some, ({ topic }) => topic);
      const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
      await producer.sendBatch({ topicMessages });
    }
    return count;
  };
  const untilConsumed = () =>
    eventually(
      () => replica.metric('order_service_consumer_lag'),
      (lag) => lag === 0,
      { limitMs: 120_000, everyMs: 500 },
    );

  it('when thousands of hostile operations and messages come while people buy, then nothing of it shows', async () => {
    const first = await buy(site, [replica], { purchases: FIRST_PURCHASES, atOnce: 8 });
    await Promise.all([attackDoors(WARM_UP, SEED), attackTopics(WARM_UP, SEED)]);
    await untilConsumed();
    const before = await heapAfterCollection(inspectPort);

    const endWatch = watchHealth(`${replica.url}/healthz`);
    const failures: unknown[] = [];
    const [accepted, sent, published] = await Promise.all([
      buy(site, [replica], {
        from: FIRST_PURCHASES,
        purchases: PURCHASES,
        atOnce: 8,
        onFailure: (failure) => failures.push(failure),
      }),
      attackDoors(OPERATIONS, SEED + 1_000),
      attackTopics(MESSAGES, SEED + 1_000_000),
    ]);
    const longest = await endWatch();
    await untilConsumed();
    const { wrongs } = await settle(site);
    const after = await heapAfterCollection(inspectPort);

    expect({ complaints, errors: replica.errors() }).toEqual({ complaints: [], errors: [] });
    expect(replica.isAlive()).toBe(true);
    expect(wrongs).toEqual(NOTHING_WRONG);
    const all = new Map([...first, ...accepted]);
    expect(await endings(site.sql, all)).toEqual(all);
    expect(await replica.metric('order_service_consumer_partition_blocked')).toBe(0);
    expect(await replica.metric('order_service_unhandled_rejections_total')).toBe(0);
    expect(after / before).toBeLessThan(1.1);
    const [{ parked, letters } = { parked: 0, letters: 0 }] = await site.sql<{ parked: number; letters: number }>(
      `select (select count(*)::int from suspicious_payments) as parked, (select count(*)::int from dead_letters) as letters`,
    );
    expect(parked).toBeGreaterThan(0);
    expect(letters).toBeGreaterThan(0);
    const mb = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`;
    process.stdout.write(
      `hostile: ${sent} operations and ${published} messages while ` +
        `${PURCHASES} purchases ran, ${failures.length} calls tried again; ${letters} dead letters, ${parked} suspicious payments; ` +
        `heap ${mb(before)} before, ${mb(after)} after; longest /healthz ${Math.round(longest)} ms\n`,
    );
  }, 900_000);
});
