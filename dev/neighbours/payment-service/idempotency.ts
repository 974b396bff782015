import type { Pool, PoolClient } from 'pg';
import { validate as isUuid } from 'uuid';
import type { Log } from '../log.js';
import { inTransaction } from '../store/transaction.js';
import { InBandError } from './in-band.js';

/**
 * Does an operation once for a key and remembers its answer for 24 hours, by the key alone: another operation under
 * the same key gets the first one's answer, as at the platform's service. Refusals are not remembered.
 * A key whose operation was killed in the middle is free again after 30 s.
 * @param prepare works without a transaction (it may call other services) and returns the change, which is committed
 *   together with its answer
 * @throws InBandError BadRequestException (no UUID), IDEMPOTENCY_EXCEPTION (the operation is under way elsewhere)
 */
export async function once<T>(
  { pool, log }: { pool: Pool; log: Log },
  key: string,
  prepare: () => Promise<(client: PoolClient) => Promise<T>>,
): Promise<T> {
  if (!isUuid(key)) throw new InBandError('BadRequestException', 'Idempotency key must be a UUID');
  if (!(await claim(pool, key))) return (await rememberedAnswer(pool, key)) as T;
  try {
    const change = await prepare();
    return await inTransaction(pool, async (client) => {
      const answer = await change(client);
      await remember(client, key, answer);
      return answer;
    });
  } catch (error) {
    await release(pool, key, log);
    throw error;
  }
}

async function claim(pool: Pool, key: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `INSERT INTO neighbours.idempotency_results AS known (key, locked_until)
     VALUES ($1, now() + interval '30 seconds')
     ON CONFLICT (key) DO UPDATE SET response = NULL, locked_until = excluded.locked_until, created_at = now()
     WHERE (known.response IS NULL AND known.locked_until < now()) OR known.created_at < now() - interval '24 hours'`,
    [key],
  );
  return rowCount === 1;
}

async function rememberedAnswer(pool: Pool, key: string): Promise<unknown> {
  const { rows } = await pool.query<{ response: unknown }>(
    'SELECT response FROM neighbours.idempotency_results WHERE key = $1 AND response IS NOT NULL',
    [key],
  );
  if (!rows[0]) throw new InBandError('IDEMPOTENCY_EXCEPTION', 'Operation already in progress');
  return rows[0].response;
}

async function remember(client: PoolClient, key: string, answer: unknown): Promise<void> {
  const { rowCount } = await client.query(
    'UPDATE neighbours.idempotency_results SET response = $2 WHERE key = $1 AND response IS NULL',
    [key, JSON.stringify(answer)],
  );
  // Someone else has taken over the lock after its 30 s and was faster.
  if (rowCount !== 1) throw new InBandError('IDEMPOTENCY_EXCEPTION', 'Operation already in progress');
}

async function release(pool: Pool, key: string, log: Log): Promise<void> {
  try {
    await pool.query('DELETE FROM neighbours.idempotency_results WHERE key = $1 AND response IS NULL', [key]);
  } catch (error) {
    // The operation's own error is the one to report; the lock ends by itself.
    log({ level: 'warn', message: 'payment service: idempotency lock kept for 30 s', error: String(error) });
  }
}
