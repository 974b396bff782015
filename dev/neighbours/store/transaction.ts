import type { Pool, PoolClient } from 'pg';

/** Commits what `work` did, or nothing of it when it rejects; rejects with its error. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  // A connection that breaks between two statements would otherwise end the process.
  const onError = () => (broken = true);
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    broken = !(await rolledBack(client)) || broken;
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function rolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    // The connection is lost and the server rolls back by itself; the first error says more than this one.
    return false;
  }
}
