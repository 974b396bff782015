import type pg from 'pg';

/** All rows of all tables, as of one moment. */
export type Dump = ReadonlyMap<string, string>;

/** Made by migrations, not by the service. */
const NOT_COPIED = ['migrations'];

/** A logical backup beside running writers: one snapshot of the whole database. */
export async function dump(pool: pg.Pool): Promise<Dump> {
  const client = await pool.connect();
  try {
    await client.query('begin transaction isolation level repeatable read, read only');
    const { rows: tables } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and not tablename = any($1)`,
      [NOT_COPIED],
    );
    const copies = new Map<string, string>();
    for (const { name } of tables) {
      const { rows } = await client.query<{ rows: string }>(
        `select coalesce(json_agg(t), '[]')::text as rows from ${name} t`,
      );
      copies.set(name, rows[0]?.rows ?? '[]');
    }
    await client.query('commit');
    return copies;
  } finally {
    client.release();
  }
}

/** Fills a migrated database with the rows of a dump, whatever refers to what. */
export async function restore(pool: pg.Pool, copies: Dump): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`begin; set local session_replication_role = 'replica'`);
    await client.query(`truncate ${[...copies.keys()].join(', ')}`);
    for (const [name, rows] of copies)
      await client.query(`insert into ${name} select * from json_populate_recordset(null::${name}, $1)`, [rows]);
    await client.query('commit');
  } finally {
    client.release();
  }
}
