import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Logger } from '../../../src/observability/log.js';
import { migrate } from '../../../src/persistence/migrate.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

const EXPANDING = new URL('../../support/expanding-migrations', import.meta.url).pathname;
const OWN = readdirSync('migrations')
  .map((file) => basename(file, '.ts'))
  .sort();
const ADDED = ['column', 'index', 'backfill', 'validate'].map((what, n) => `Migration2099010100000${n}_${what}`);
const LOCK = `hashtext('order-service migrations')`;

let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await createDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const rowsOf = async <T>(sql: string): Promise<T[]> => (await client.query(sql)).rows as T[];
const applied = async () =>
  (await rowsOf<{ name: string }>('select name from migrations order by id')).map(({ name }) => name);

/** A log that keeps its warnings. */
function warned(): { log: Logger; warnings: object[] } {
  const warnings: object[] = [];
  const warn = (fields: object) => void warnings.push(fields);
  return { log: Object.assign(Object.create(testLog()) as Logger, { warn }), warnings };
}

describe('given an empty database', () => {
  test('when two processes migrate at once, then each migration is applied once, in order', async () => {
    await Promise.all([migrate(database.url, testLog()), migrate(database.url, testLog())]);
    expect(await applied()).toEqual(OWN);
    await migrate(database.url, testLog());
    expect(await applied()).toEqual(OWN);
  });

  test('when another process holds the lock, then the migration waits for it without an open transaction', async () => {
    await client.query(`select pg_advisory_lock(${LOCK})`);
    const migrated = migrate(database.url, testLog());
    const others = () =>
      rowsOf<{ state: string; query: string; in_transaction: boolean }>(
        `select state, query, state like '%in transaction%' as in_transaction from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      );
    const seen = await eventually(others, (rows) => rows.some(({ query }) => query.includes('pg_try_advisory_lock')));
    expect(seen.filter(({ in_transaction: is }) => is)).toEqual([]);
    expect(await rowsOf(`select 1 from pg_tables where tablename = 'orders'`)).toEqual([]);
    await client.query(`select pg_advisory_unlock(${LOCK})`);
    await migrated;
    expect(await applied()).toEqual(OWN);
  });
});

describe('given a database in use', () => {
  beforeEach(() => migrate(database.url, testLog()));

  test('when migrations without a transaction follow, then they are applied too, and the index is valid', async () => {
    await migrate(database.url, testLog(), { folder: EXPANDING });
    expect(await applied()).toEqual([...OWN, ...ADDED]);
    expect(await rowsOf(`select indisvalid from pg_index where indexrelid = 'orders_by_region'::regclass`)).toEqual([
      { indisvalid: true },
    ]);
  });

  test('when a table is locked for long, then the migration gives way and tries again until it is free', async () => {
    const reader = new pg.Client({ connectionString: database.url });
    await reader.connect();
    await reader.query('begin; lock table orders in access share mode');
    const { log, warnings } = warned();
    const migrated = migrate(database.url, log, { folder: EXPANDING });
    await eventually(() => warnings.length === 1);
    // Nothing is queued on the table between two tries: a call of a buyer passes.
    await client.query(`set lock_timeout = '2500ms'`);
    await client.query('delete from orders where false');
    await reader.query('commit');
    await reader.end();
    await migrated;
    expect(warnings[0]).toEqual({ migration: ADDED[0], tries: 1 });
    expect(await applied()).toEqual([...OWN, ...ADDED]);
  });

  test('when one fails, then those before it stay and it leaves nothing', async () => {
    await client.query('alter table orders add column region text');
    await client.query(`alter table orders add constraint orders_region check (region <> '')`);
    await expect(migrate(database.url, testLog(), { folder: EXPANDING })).rejects.toThrow(/already exists/);
    expect(await applied()).toEqual(OWN);
    expect(await rowsOf(`select pg_try_advisory_lock(${LOCK}) as free`)).toEqual([{ free: true }]);
  });
});
