import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from '../../../dev/postgres/embedded-postgres.js';
import type { EmbeddedPostgres } from '../../../dev/postgres/embedded-postgres.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { createDatabase } from '../../support/postgres.js';
import type { TestDatabase } from '../../support/postgres.js';
import { busContract } from './bus-contract.js';
import { collect } from './collector.js';
import { crashContract } from './crash-contract.js';

const log = testLog();

describe('the bus on PostgreSQL', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 20 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const open = () => createPostgresBus({ pool, partitions: 3, log });

  busContract(open);

  test('a message of this process is handled within milliseconds, not at the next poll', async () => {
    const bus = createPostgresBus({ pool, partitions: 3, log, pollMs: 60_000 });
    const topic = `wake.${randomUUID()}`;
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic] });
    const publisher = bus.publisher();
    for (let n = 1; n <= 20; n++) {
      await publisher.send([{ topic, key: `k${n}`, value: 'x' }], 1_000);
      await eventually(
        () => received.length,
        (length) => length === n,
        { limitMs: 1_000, everyMs: 1 },
      );
    }
    await bus.close();
  });

  test('a reader skips no message whose transaction commits late', async () => {
    const bus = createPostgresBus({ pool, partitions: 1, log });
    const topic = `late.${randomUUID()}`;
    const { received } = await collect(bus, { group: randomUUID(), topics: [topic] });
    const append = `select bus.append(array[$1], array[0], array['k'], array[$2], array['{}'::json])`;
    const slow = await pool.connect();
    await slow.query('begin');
    await slow.query(append, [topic, 'slow']);
    const fast = bus.publisher().send([{ topic, key: 'k', value: 'fast' }], 10_000);
    await eventually(async () => {
      const waiting = await pool.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`);
      return waiting.rowCount;
    });
    expect(received).toHaveLength(0);
    await slow.query('commit');
    slow.release();
    await fast;
    await eventually(
      () => received.length,
      (length) => length === 2,
    );
    expect(received.map(({ value }) => value)).toEqual(['slow', 'fast']);
    await bus.close();
  });

  test('many senders to many partitions at once: no deadlock, nothing lost, offsets without gaps', async () => {
    const bus = open();
    const topic = `crowd.${randomUUID()}`;
    const keys = Array.from({ length: 10 }, (_, n) => `k${n}`);
    await Promise.all(
      Array.from({ length: 10 }, async (_, sender) => {
        const publisher = bus.publisher();
        const turned = [...keys.slice(sender), ...keys.slice(0, sender)];
        for (let n = 0; n < 20; n++) {
          await publisher.send(
            turned.map((key) => ({ topic, key, value: `${sender}/${n}` })),
            20_000,
          );
        }
      }),
    );
    const { rows } = await pool.query<{ messages: string; gaps: string }>(
      `select sum(n) as messages, sum(last + 1 - n) as gaps
       from (select count(*) as n, max("offset") as last from bus.messages where topic = $1 group by partition) places`,
      [topic],
    );
    expect(rows[0]).toEqual({ messages: '2000', gaps: '0' });
    await bus.close();
  });
});

describe('the bus on PostgreSQL, when its server fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'orders-test-bus-'));
  const start = (port?: number) =>
    startPostgres({ dataDir: join(folder, 'data'), port, log: (line) => log.info(line), endsWithParent: true });
  let server: EmbeddedPostgres;
  let pool: pg.Pool;
  beforeAll(async () => {
    server = await start();
    pool = new pg.Pool({ connectionString: server.url, max: 10 });
    pool.on('error', (error) => log.info({ err: error }, 'idle connection lost'));
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  crashContract(() => ({
    open: () => createPostgresBus({ pool, partitions: 3, log }),
    // The server processes of open connections live on for a moment, until they notice.
    kill: async () => {
      await server.kill();
      await eventually(() => pool.idleCount === 0);
    },
    restart: async () => {
      server = await start(server.port);
    },
  }));
});
