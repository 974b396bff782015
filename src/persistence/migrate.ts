import { setTimeout as pause } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import type { Logger } from '../observability/log.js';
import { openOrm } from './orm.js';

/** Longest wait for a lock, in ms: calls of buyers queue behind a migration that waits for one. */
const LOCK_MS = 2_000;
const LONGEST_STATEMENT_MS = 60 * 60_000;
const POLL_MS = 250;
const TRIES = 30;
const LONGEST_BACKOFF_MS = 10_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Where the migrations of a test are; the service's own by default. */
export interface MigrateOptions {
  readonly folder?: string;
}

/**
 * Brings the database's schema up to date. Safe to run again and beside running services; two runs at once wait for
 * each other. Each migration has a transaction of its own, or none where it says so (isTransactional); one that cannot
 * have a lock in time is tried again later, from its first statement.
 */
export async function migrate(databaseUrl: string, log: Logger, { folder }: MigrateOptions = {}): Promise<void> {
  const lock = await takeLock(databaseUrl, log);
  const timeouts = { statementTimeout: LONGEST_STATEMENT_MS, lockTimeout: LOCK_MS };
  const orm = await openOrm({ url: databaseUrl, poolMax: 2, migrations: folder, ...timeouts });
  try {
    for (const { name } of await orm.migrator.getPending()) {
      await lock.query('select 1');
      await applyPatiently(orm, name, log);
      log.info({ migration: name }, 'migrated');
    }
  } finally {
    await orm.close();
    await lock.end();
  }
}

/**
 * A session's lock on a connection without a transaction: an open one would be ended for idling, and an index that is
 * built concurrently would wait for it.
 */
async function takeLock(connectionString: string, log: Logger): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, keepAlive: true, application_name: 'order-service migrations' });
  // A lock that is lost this way shows before the next migration.
  client.on('error', (error) => log.error({ err: error }, 'the lock of the migrations was lost'));
  await client.connect();
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>(
      `select pg_try_advisory_lock(hashtext('order-service migrations')) as mine`,
    );
    if (rows[0]?.mine) return client;
    await pause(POLL_MS);
  }
}

async function applyPatiently(orm: MikroORM, name: string, log: Logger): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await orm.migrator.up({ migrations: [name] });
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tries === TRIES) throw error;
      log.warn({ migration: name, tries }, 'a lock was not to be had in time; trying again');
      await pause(Math.min(POLL_MS * 2 ** tries, LONGEST_BACKOFF_MS));
    }
  }
}
