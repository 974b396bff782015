import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRedisHints } from '../../../src/subscriptions/redis-hints.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { canStartRedis, redisUrl, startRedis } from '../../support/redis.js';
import type { TestRedis } from '../../support/redis.js';
import { hintsContract } from './hints-contract.js';

const open = (url: string) => createRedisHints({ url, log: testLog() });

(redisUrl() ? describe : describe.skip)('hints over Redis', () => {
  hintsContract(() => open(redisUrl() ?? ''));

  test('hints travel between processes', async () => {
    const [here, there] = [open(redisUrl() ?? ''), open(redisUrl() ?? '')];
    const channel = randomUUID();
    const seen: number[] = [];
    await here.subscribe(channel, ({ version }) => seen.push(version));
    there.publish(channel, { aggregateId: 'a', version: 3 });
    await eventually(() => seen.length);
    expect(seen).toEqual([3]);
    await Promise.all([here.close(), there.close()]);
  });
});

(canStartRedis() ? describe : describe.skip)('hints over Redis, when it fails', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('after a kill and restart subscriptions are active again before onReconnect tells so', async () => {
    const hints = open(redis.url);
    const channel = randomUUID();
    const seen: number[] = [];
    await hints.subscribe(channel, ({ version }) => seen.push(version));
    let reconnects = 0;
    const unregister = hints.onReconnect(() => {
      reconnects++;
      hints.publish(channel, { aggregateId: 'a', version: 100 + reconnects });
    });
    for (const round of [1, 2, 3]) {
      await redis.kill();
      await expect(hints.ping()).rejects.toThrow();
      await redis.restart();
      await eventually(
        () => seen.at(-1),
        (last) => last === 100 + round,
      );
    }
    expect(reconnects).toBe(3);
    unregister();
    await redis.restart();
    await eventually(() => hints.ping().then(() => true));
    expect(reconnects).toBe(3);
    await hints.close();
  });

  test('while Redis is away publishing does not throw, subscribing rejects in time, closing ends at once', async () => {
    const hints = open(redis.url);
    await hints.ping();
    await redis.kill();
    for (let version = 0; version < 5_000; version++) hints.publish('c', { aggregateId: 'a', version });
    await expect(hints.subscribe('c', () => undefined)).rejects.toThrow('within 5000 ms');
    await hints.close();
    await redis.restart();
  });
});
