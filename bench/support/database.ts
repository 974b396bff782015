import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../dev/postgres/embedded-postgres.js';
import { migrate } from '../../src/persistence/migrate.js';
import { testLog } from '../../tests/support/log.js';

/** What a commit promises here is what it promises in production: it survives a power cut. */
const SETTINGS = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '512MB',
  max_wal_size: '4GB',
};

export const databaseSettings = `PostgreSQL 18, embedded, on loopback: ${Object.entries(SETTINGS)
  .map(([name, value]) => `${name}=${value}`)
  .join(' ')}`;

export interface BenchDatabase {
  readonly url: string;
  /** Process of the server, for its processor time. */
  readonly pid: number;
}

/** Runs `work` with a migrated, durable database of its own, which is removed afterwards. */
export async function withDatabase(work: (database: BenchDatabase) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-bench-'));
  const postgres = await startPostgres({
    dataDir: join(folder, 'data'),
    log: () => undefined,
    settings: SETTINGS,
    endsWithParent: true,
  });
  try {
    await migrate(postgres.url, testLog());
    await work(postgres);
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A pool of plain `pg` with the service's number of connections, ended afterwards. */
export async function withPool(url: string, max: number, work: (pool: pg.Pool) => Promise<void>): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', (error) => {
    // end() does not wait until the server has heard of it: it may say at its stop that it cuts the connection.
    if (!pool.ending) throw error;
  });
  try {
    await work(pool);
  } finally {
    await pool.end();
  }
}
