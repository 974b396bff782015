import type { Pool, PoolClient } from 'pg';
import type { Bus, BusMessage } from '../../../src/messaging/bus/bus.js';
import type { Log } from '../log.js';
import type { Loop } from './loop.js';
import { startLoop } from './loop.js';

const BATCH = 200;
const POLL_MS = 500;
const SEND_TIMEOUT_MS = 10_000;

/** Stores messages in the transaction of what they tell; they are sent after its commit, at least once. */
export async function enqueue(client: PoolClient, messages: readonly BusMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await client.query(
    `INSERT INTO neighbours.outbox (topic, key, value)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[])`,
    [messages.map(({ topic }) => topic), messages.map(({ key }) => key), messages.map(({ value }) => value)],
  );
}

/**
 * Sends what stands in the outbox to the bus, in order, and deletes it; also what a killed process has left.
 * Wake it after a commit that enqueued something, so that it is sent at once.
 */
export function startOutboxPublisher(pool: Pool, bus: Bus, log: Log): Loop {
  const publisher = bus.publisher();
  const round = async (): Promise<boolean> => {
    const { rows } = await pool.query<BusMessage & { id: string }>(
      'SELECT id, topic, key, value FROM neighbours.outbox ORDER BY id LIMIT $1',
      [BATCH],
    );
    if (rows.length === 0) return false;
    const messages = rows.map(({ topic, key, value }) => ({ topic, key, value }));
    await publisher.send(messages, SEND_TIMEOUT_MS);
    await pool.query('DELETE FROM neighbours.outbox WHERE id = ANY ($1::bigint[])', [rows.map(({ id }) => id)]);
    return rows.length === BATCH;
  };
  const loop = startLoop({ name: 'sending events', round, idleMs: POLL_MS, log });
  return {
    wake: loop.wake,
    stop: async () => {
      await loop.stop();
      await publisher.close();
    },
  };
}
