import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startPostgres, type EmbeddedPostgres } from '../../dev/postgres/embedded-postgres.js';
import { eventually } from '../support/eventually.js';
import { canStartKafka, startKafka } from '../support/kafka.js';
import { canStartRedis, startRedis } from '../support/redis.js';
import { scaled } from '../support/scale.js';
import { audit, NOTHING_WRONG } from './support/accounts.js';
import { buy } from './support/buyers.js';
import { startSite, type Replica, type Site } from './support/site.js';

const PURCHASES = scaled(1_000);
const ROUNDS = Math.max(1, scaled(5));
const RESUME_MS = 15_000;

(canStartKafka() && canStartRedis() ? describe : describe.skip)('given a site whose parts go away', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orders-parts-'));
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let postgres: EmbeddedPostgres;
  let site: Site;
  let replica: Replica;
  const runPostgres = (port?: number) =>
    startPostgres({ dataDir: folder, port, log: () => undefined, endsWithParent: true });

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    [kafka, redis, postgres] = await Promise.all([startKafka(), startRedis(), runPostgres()]);
    site = await startSite({
      brokers: kafka.brokers.split(','),
      redisUrl: redis.url,
      students: PURCHASES,
      postgresUrl: postgres.url,
    });
    replica = await site.startReplica();
  }, 120_000);
  afterAll(async () => {
    await site.stop();
    await Promise.all([kafka.stop(), redis.stop(), postgres.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const untilReady = async () => {
    const since = Date.now();
    await eventually(
      async () => (await fetch(`${replica.url}/ready`)).status,
      (status) => status === 200,
      {
        limitMs: 60_000,
        everyMs: 50,
      },
    );
    return Date.now() - since;
  };

  it('when broker, Redis and database are killed and restarted while buyers buy, then nothing is lost and work resumes by itself', async () => {
    const resumed: Record<string, number> = { kafka: 0, redis: 0, postgres: 0 };
    let isDone = false;
    const killing = (async () => {
      for (let round = 0; round < ROUNDS && !isDone; round++) {
        for (const part of ['kafka', 'redis', 'postgres'] as const) {
          // The moment is to be any: this is the fault, not a wait for something.
          await pause(500 + Math.random() * 1_000);
          await killAndRestart(part);
          resumed[part] = Math.max(resumed[part] ?? 0, await untilReady());
        }
      }
    })();
    const { orderIds } = await buy(site, [replica], PURCHASES, 8);
    isDone = true;
    await killing;
    const wrongs = await eventually(
      () => audit(site),
      (found) => JSON.stringify(found) === JSON.stringify(NOTHING_WRONG),
      {
        limitMs: 120_000,
        everyMs: 250,
      },
    );

    expect(wrongs).toEqual(NOTHING_WRONG);
    expect(new Set(orderIds).size).toBe(PURCHASES);
    expect(replica.isAlive()).toBe(true);
    for (const ms of Object.values(resumed)) expect(ms).toBeLessThan(RESUME_MS);
    process.stdout.write(
      `parts killed: ${PURCHASES} purchases, 0 lost, ready again after at most ${JSON.stringify(resumed)} ms\n`,
    );
  }, 600_000);

  async function killAndRestart(part: 'kafka' | 'redis' | 'postgres'): Promise<void> {
    if (part === 'postgres') {
      const { port } = postgres;
      await postgres.kill();
      postgres = await runPostgres(port);
      return;
    }
    const one = part === 'kafka' ? kafka : redis;
    await one.kill();
    await one.restart();
  }
});
