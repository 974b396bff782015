import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { BusMessage, Publisher } from './bus.js';
import { within } from './within.js';

export interface PublisherParts {
  readonly pool: Pool;
  /** Partitions of each of these topics; topics that do not exist are made. */
  partitionsOf(topics: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Called after messages were stored. */
  onStored(): void;
}

/** Appends each batch in one transaction. */
export class PostgresPublisher implements Publisher {
  readonly #parts: PublisherParts;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
  }

  async send(messages: readonly BusMessage[], timeoutMs: number): Promise<void> {
    if (messages.length === 0) return;
    await within(this.#append(messages), timeoutMs, `storing ${messages.length} messages`);
    this.#parts.onStored();
  }

  async close(): Promise<void> {
    // Nothing is held between two sends.
  }

  async #append(messages: readonly BusMessage[]): Promise<void> {
    const partitions = await this.#parts.partitionsOf([...new Set(messages.map(({ topic }) => topic))]);
    await this.#parts.pool.query('select bus.append($1::text[], $2::int[], $3::text[], $4::text[], $5::json[])', [
      messages.map(({ topic }) => topic),
      messages.map(({ topic, key }) => partitionOf(key, partitions.get(topic) ?? 1)),
      messages.map(({ key }) => key),
      messages.map(({ value }) => value),
      messages.map(({ headers }) => JSON.stringify(headers ?? {})),
    ]);
  }
}

function partitionOf(key: string, partitions: number): number {
  return createHash('sha1').update(key).digest().readUInt32BE(0) % partitions;
}
