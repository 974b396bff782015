import { rmSync, chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startPostgres } from '../../../dev/postgres/embedded-postgres.js';
import { startKafka } from '../../support/kafka.js';
import { startRedis } from '../../support/redis.js';

/** Something that a service needs and that can go away. */
export interface Part {
  /** Its name in `/ready`. */
  readonly name: string;
  readonly url: string;
  /** Takes it away at once. */
  stop(): Promise<void>;
  /** Brings it back at the same address. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** A broker, ended by SIGKILL. */
export async function kafkaPart(): Promise<Part> {
  const kafka = await startKafka();
  return {
    name: 'bus',
    url: kafka.brokers,
    stop: () => kafka.kill(),
    start: () => kafka.restart(),
    remove: () => kafka.stop(),
  };
}

/** A Redis that forgets everything (FLUSHALL), then is ended by SIGKILL. */
export async function redisPart(): Promise<Part> {
  const redis = await startRedis();
  const flush = async () => {
    const client = new Redis(redis.url, { lazyConnect: true });
    await client.connect();
    await client.flushall();
    client.disconnect();
  };
  return {
    name: 'hints',
    url: redis.url,
    stop: async () => {
      await flush();
      await redis.kill();
    },
    start: () => redis.restart(),
    remove: () => redis.stop(),
  };
}

/** A PostgreSQL that is stopped in immediate mode, as by `pg_ctl stop -m immediate`: it recovers from its log. */
export async function postgresPart(): Promise<Part> {
  const dataDir = mkdtempSync(join(tmpdir(), 'orders-part-'));
  chmodSync(dataDir, 0o755);
  const run = (port?: number) => startPostgres({ dataDir, port, log: () => undefined, endsWithParent: true });
  let postgres = await run();
  return {
    name: 'database',
    url: postgres.url,
    stop: async () => {
      process.kill(postgres.pid, 'SIGQUIT');
      await postgres.stop();
    },
    start: async () => {
      postgres = await run(postgres.port);
    },
    remove: async () => {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
