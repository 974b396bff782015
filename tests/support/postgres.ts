import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import pg from 'pg';
import { startPostgres } from '../../dev/postgres/embedded-postgres.js';
import type { Service } from './service.js';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** The PostgreSQL of the environment, else one embedded for this run. */
export async function providePostgres(): Promise<Service> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { env: { TEST_DATABASE_URL: given }, how: 'TEST_DATABASE_URL', stop: async () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'orders-test-postgres-'));
  const postgres = await startPostgres({
    dataDir: join(folder, 'data'),
    log: () => undefined,
    // Test data need not survive a power cut; everything else is as on a laptop.
    settings: { fsync: 'off' },
    endsWithParent: true,
  });
  return {
    env: { TEST_DATABASE_URL: postgres.url },
    how: `embedded, port ${postgres.port}`,
    stop: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A new, empty database, for one test file.
 * @param server the server's URL, where it is not the one of the run
 * @throws Error when no PostgreSQL was provided
 */
export async function createDatabase(server = process.env.TEST_DATABASE_URL): Promise<TestDatabase> {
  if (!server) throw new Error('TEST_DATABASE_URL is not set: run the tests through npm test');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  // Without force: the server waits 5 s for connections on their way out, and tells of those that were left open.
  return { url: url.href, drop: () => execute(server, `drop database if exists ${name}`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
