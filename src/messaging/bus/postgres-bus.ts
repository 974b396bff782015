import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Bus } from './bus.js';
import { PostgresConsumption } from './postgres-consumption.js';
import { PostgresPublisher } from './postgres-publisher.js';
import { createTables, createTopics, partitionsOf } from './postgres-schema.js';
import { within } from './within.js';

const PING_MS = 3_000;
const POLL_MS = 200;
const LAG_MS = 5_000;
const LAG = `
select p.topic, p.partition, p.next_offset as "end", coalesce(o.next_offset, 0) as next from bus.partitions p
left join bus.group_offsets o on o.group_name = $1 and o.topic = p.topic and o.partition = p.partition
where p.topic = any($2) order by p.topic, p.partition`;

interface LagRow {
  readonly topic: string;
  readonly partition: number;
  readonly end: string;
  readonly next: string;
}

export interface PostgresBusOptions {
  /** Its owner ends it. It needs a connection for each consumption beside what the handlers use. */
  readonly pool: Pool;
  /** Partitions of topics made here. */
  readonly partitions: number;
  readonly log: Logger;
  /** Longest time until messages of another process are seen, ms. Default 200. Those of this bus are seen at once. */
  readonly pollMs?: number;
}

/**
 * The bus as an append-only log in PostgreSQL, in a schema of its own (`bus`) that it makes on first use.
 * Topics that do not exist are made by sending and consuming.
 */
export function createPostgresBus({ pool, partitions, log, pollMs = POLL_MS }: PostgresBusOptions): Bus {
  const consumptions = new Set<PostgresConsumption>();
  const known = new Map<string, number>();
  let tables: Promise<void> | undefined;

  const ready = () => {
    // A failure is not remembered: the database may be back at the next use.
    tables ??= createTables(pool).catch((error: unknown) => {
      tables = undefined;
      throw error;
    });
    return tables;
  };
  const ensure = async (topics: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    const unknown = topics.filter((topic) => !known.has(topic));
    if (unknown.length === 0) return known;
    await ready();
    await createTopics(pool, unknown, partitions);
    for (const [topic, count] of await partitionsOf(pool, unknown)) known.set(topic, count);
    return known;
  };

  return {
    publisher: () =>
      new PostgresPublisher({
        pool,
        partitionsOf: ensure,
        onStored: () => consumptions.forEach((consumption) => consumption.wake()),
      }),
    async consume(options) {
      await ensure(options.topics);
      const consumption = new PostgresConsumption({ pool, log, pollMs }, options);
      await consumption.start();
      options.onJoined?.();
      consumptions.add(consumption);
      return consumption;
    },
    async lag(group, topics) {
      await ensure(topics);
      const { rows } = await within(pool.query<LagRow>(LAG, [group, topics]), LAG_MS, 'measuring a consumer group');
      return rows.map(({ topic, partition, end, next }) => ({
        topic,
        partition,
        end: BigInt(end),
        next: BigInt(next),
      }));
    },
    ensureTopics: async (topics) => void (await ensure(topics)),
    ping: async () => void (await within(pool.query('select 1'), PING_MS, 'asking the database')),
    async close() {
      await Promise.all([...consumptions].map((consumption) => consumption.stop()));
    },
  };
}
