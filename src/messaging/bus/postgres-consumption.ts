import { setTimeout as pause } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Consumption, ConsumeOptions, ReceivedMessage } from './bus.js';

const MAX_BATCH = 100;
const LEAST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export interface ConsumptionParts {
  readonly pool: Pool;
  readonly log: Logger;
  /** Longest time between two looks for messages, ms. */
  readonly pollMs: number;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

const BEHIND = `
select topic, partition from bus.group_offsets o join bus.partitions p using (topic, partition)
where o.group_name = $1 and topic = any($2) and o.next_offset < p.next_offset
order by topic, partition`;

// Whoever else holds the row is working on this partition: it is left to them.
const CLAIM = `
select next_offset from bus.group_offsets
where group_name = $1 and topic = $2 and partition = $3 for update skip locked`;

const READ = `
select "offset", key, value, headers from bus.messages
where topic = $1 and partition = $2 and "offset" >= $3 order by "offset" limit $4`;

const ADVANCE = 'update bus.group_offsets set next_offset = $4 where group_name = $1 and topic = $2 and partition = $3';

/**
 * One member of a consumer group. It works on a partition while it holds the row of the group's offset; the offset moves
 * in the same transaction, which ends after the handler has. Each member uses one connection while a handler runs.
 */
export class PostgresConsumption implements Consumption {
  #isRunning = true;
  #wake = new AbortController();
  #loop: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  readonly #pausedUntil = new Map<string, { at: number; failures: number }>();
  readonly #parts: ConsumptionParts;
  readonly #options: ConsumeOptions;

  constructor(parts: ConsumptionParts, options: ConsumeOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /** Joins the group at the earliest message, when it is new, and starts to read. @throws Error of the database */
  async start(): Promise<void> {
    await this.#parts.pool.query(
      `insert into bus.group_offsets (group_name, topic, partition)
       select $1, topic, partition from bus.partitions where topic = any($2) on conflict do nothing`,
      [this.#options.group, this.#options.topics],
    );
    this.#loop = this.#run();
  }

  isRunning(): boolean {
    return this.#isRunning && !this.#stopping.signal.aborted;
  }

  /** Looks for messages now instead of after the poll's time. */
  wake(): void {
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // Renewed before looking: a message stored while looking must not be slept over.
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
      try {
        const handled = await this.#handleAll();
        this.#isRunning = true;
        if (!handled) await this.#sleep(this.#parts.pollMs);
      } catch (error) {
        this.#isRunning = false;
        this.#parts.log.warn({ err: error, group: this.#options.group }, 'bus cannot be read, trying again');
        await this.#sleep(LONGEST_PAUSE_MS / 5);
      }
    }
  }

  async #sleep(ms: number): Promise<void> {
    const { signal } = this.#wake;
    if (this.#stopping.signal.aborted) return;
    // An aborted pause is simply over.
    await pause(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Hands out one batch of every partition that is behind. @returns whether there was any */
  async #handleAll(): Promise<boolean> {
    const { rows } = await this.#parts.pool.query<Place>(BEHIND, [this.#options.group, this.#options.topics]);
    let handled = false;
    for (const place of rows) {
      if (this.#stopping.signal.aborted) break;
      if ((this.#pausedUntil.get(name(place))?.at ?? 0) > Date.now()) continue;
      handled = (await this.#handleOne(place)) || handled;
    }
    return handled;
  }

  async #handleOne(place: Place): Promise<boolean> {
    const client = await this.#parts.pool.connect();
    let broken: Error | undefined;
    // A connection that breaks while the handler runs would otherwise end the process.
    const onError = (error: Error) => (broken = error);
    client.on('error', onError);
    try {
      await client.query('begin');
      const handled = await this.#handleClaimed(client, place);
      await client.query(handled ? 'commit' : 'rollback');
      return handled;
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }

  async #handleClaimed(client: PoolClient, place: Place): Promise<boolean> {
    const key = [this.#options.group, place.topic, place.partition];
    const claimed = await client.query<{ next_offset: string }>(CLAIM, key);
    const from = claimed.rows[0]?.next_offset;
    if (from === undefined) return false;
    const limit = this.#options.maxBatch ?? MAX_BATCH;
    const { rows } = await client.query<Omit<ReceivedMessage, 'topic' | 'partition'>>(READ, [
      place.topic,
      place.partition,
      from,
      limit,
    ]);
    const last = rows.at(-1);
    if (
      !last ||
      !(await this.#deliver(
        rows.map((row) => ({ ...place, ...row })),
        place,
      ))
    )
      return false;
    await client.query(ADVANCE, [...key, String(BigInt(last.offset) + 1n)]);
    return true;
  }

  async #deliver(batch: readonly ReceivedMessage[], place: Place): Promise<boolean> {
    const { signal } = this.#stopping;
    try {
      // The row lock holds as long as the connection does: there is nothing to renew.
      await this.#options.handle(batch, { signal, heartbeat: async () => undefined });
      this.#pausedUntil.delete(name(place));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const failures = this.#pausedUntil.get(name(place))?.failures ?? 0;
      const ms = Math.min(LEAST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
      this.#pausedUntil.set(name(place), { at: Date.now() + ms, failures: failures + 1 });
      const details = { err: error, group: this.#options.group, ...place, offset: batch[0]?.offset };
      this.#parts.log.error(details, 'messages could not be handled, they are delivered again');
      return false;
    }
  }
}

const name = ({ topic, partition }: Place): string => `${topic}/${partition}`;
