import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { startNeighbours } from '../../../dev/neighbours/start-neighbours.js';
import { loadSampleData } from '../../../dev/sample/sample-data.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function start(ports: object = {}) {
  const bus = createPostgresBus({ pool, partitions: 2, log: pino({ level: 'silent' }) });
  return startNeighbours({
    pool,
    bus,
    sample: loadSampleData({}),
    orderServiceAddress: '127.0.0.1:1',
    paymentContract: 'v2',
    ports: { user: 0, course: 0, session: 0, payment: 0, page: 0, ...ports },
    log: () => undefined,
  });
}

async function isListening(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED';
  }
}

describe('the neighbours', () => {
  it('start again on their schema and stop within a second, the pool left open', async () => {
    for (let round = 0; round < 2; round++) {
      const neighbours = await start();
      const begin = performance.now();
      await neighbours.stop();
      expect(performance.now() - begin).toBeLessThan(1_000);
      for (const address of [...Object.values(neighbours.addresses), neighbours.pageUrl.slice(7)]) {
        expect(await isListening(`http://${address}`)).toBe(false);
      }
    }
    expect((await pool.query('SELECT count(*)::int AS count FROM neighbours.outbox')).rows).toEqual([{ count: 0 }]);
  });

  it('reject when a port is taken, and leave nothing running', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    for (const taken of ['page', 'user', 'course']) {
      await expect(start({ [taken]: port })).rejects.toThrow(/EADDRINUSE|address already in use/i);
    }
    blocker.close();
    const neighbours = await start({ page: port });
    expect(neighbours.pageUrl).toBe(`http://127.0.0.1:${port}`);
    await neighbours.stop();
  });
});
