import { createHash } from 'node:crypto';
import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { isDatabaseAway } from '../persistence/errors.js';
import type { Fork } from '../persistence/orm.js';
import { shardOf } from '../persistence/outbox-message.js';
import type { ReceivedMessage } from './bus/bus.js';
import { Topic } from './topics.js';

/** What is kept of a message, so that its dead letter is not too large itself. */
const MOST_KEPT = 500_000;
const NAMESPACE = '6f1c3f63-2a9f-4d0e-9d3c-6d2f3f6a1b11';

/** PostgreSQL's text cannot hold a NUL, nor its JSON a lone surrogate, which a broken message may have anywhere. */
const storable = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();

/** A message that could not take effect, as operators see it. */
export interface DeadLetter {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly reason: string;
  readonly attempts: number;
  readonly createdAt: Date;
}

/** A message that can never take effect, and why. */
export interface Failure {
  readonly message: ReceivedMessage;
  readonly reason: string;
  /** How often it was tried. */
  readonly attempts: number;
}

/**
 * Puts messages that can never take effect among the dead letters, with their reasons and origins, and announces them on
 * the dead-letter topic through the outbox: durable when this resolves, and once however often it is called. One
 * statement. A message that the database refuses even here is kept without its text: it must not block its partition.
 */
export async function deadLetters(fork: Fork, failures: readonly Failure[], now: Date): Promise<void> {
  const [first, ...others] = failures;
  if (!first) return;
  try {
    await storeDeadLetters(fork, failures, now);
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    if (others.length === 0) return storeDeadLetters(fork, [withoutText(first)], now);
    for (const failure of failures) await deadLetters(fork, [failure], now);
  }
}

function withoutText({ message, reason, attempts }: Failure): Failure {
  const { topic, partition, offset } = message;
  const place = { topic, partition, offset, key: '', value: '', headers: {} };
  return { message: place, reason: `${reason.slice(0, 1_000)} (the text of the message cannot be stored)`, attempts };
}

async function storeDeadLetters(fork: Fork, failures: readonly Failure[], now: Date): Promise<void> {
  const row = '(?::uuid, ?, ?::int, ?, ?, ?::jsonb, ?, ?, ?::int, ?, ?::smallint)';
  await fork().execute(
    `with given (id, topic, partition, "offset", key, headers, value, reason, attempts, payload, shard) as (
       values ${failures.map(() => row).join(', ')})
     , letter as (
       insert into dead_letters (id, topic, partition, "offset", key, headers, value, reason, attempts, created_at)
       select id, topic, partition, "offset", key, headers, value, reason, attempts, ?::timestamptz from given
       on conflict do nothing returning id)
     insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
     select id, ?, key, payload, '{}'::jsonb, 'dead-letter', id, 1, shard, ?::timestamptz from given join letter using (id)`,
    [...failures.flatMap((failure) => columnsOf(failure, now)), now, Topic.DEAD_LETTERS, now],
  );
}

function columnsOf({ message, reason, attempts }: Failure, now: Date): unknown[] {
  const { topic, partition, offset } = message;
  const key = storable(message.key);
  const headers = Object.fromEntries(Object.entries(message.headers).map((header) => header.map(storable)));
  // With its content: the place alone is another message's after a topic was made again.
  const content = createHash('sha256').update(message.value).digest('base64url');
  const id = uuidv5(`${topic}:${partition}:${offset}:${content}`, NAMESPACE);
  const value = storable(message.value.slice(0, MOST_KEPT));
  const payload = {
    eventType: 'DLQEvent',
    originalTopic: topic,
    originalPartition: partition,
    originalOffset: offset,
    originalKey: key,
    originalHeaders: headers,
    originalMessage: value,
    ...(message.value.length > MOST_KEPT ? { originalLength: message.value.length } : {}),
    error: storable(reason),
    attempts,
    timestamp: now.toISOString(),
  };
  const origin = [id, topic, partition, offset, key, JSON.stringify(headers), value];
  return [...origin, storable(reason), attempts, JSON.stringify(payload), shardOf(id)];
}

/** The open dead letters, oldest first. */
export async function openDeadLetters(fork: Fork, limit: number): Promise<DeadLetter[]> {
  const rows = await fork().execute<(DeadLetter & { created_at: string })[]>(
    `select id, topic, partition, "offset", key, reason, attempts, created_at from dead_letters
     where resolution is null order by created_at, id limit ?`,
    [limit],
  );
  return rows.map(({ created_at, ...letter }) => ({ ...letter, createdAt: new Date(created_at) }));
}

/** Which dead letters: all that are open, or some. */
export type Chosen = 'all' | readonly string[];

/**
 * Sends dead letters to their topics again; those that still can take no effect come back as new dead letters.
 * @returns how many
 */
export async function replayDeadLetters(fork: Fork, chosen: Chosen, now: Date): Promise<number> {
  return fork().transactional(async (em) => {
    const letters = await em.execute<{ topic: string; key: string; value: string; headers: Record<string, string> }[]>(
      `update dead_letters set resolution = 'replayed', resolved_at = ?
       where resolution is null ${chosen === 'all' ? '' : 'and id in (?)'} returning topic, key, value, headers`,
      chosen === 'all' ? [now] : [now, chosen],
    );
    for (const { topic, key, value, headers } of letters) {
      const id = uuidv7();
      await em.execute(
        `insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
         values (?, ?, ?, ?, ?::jsonb, 'dead-letter', ?, 2, ?, ?)`,
        [id, topic, key, value, JSON.stringify(headers), id, shardOf(id), now],
      );
    }
    return letters.length;
  });
}

/** Closes dead letters for good. @returns how many */
export async function discardDeadLetters(fork: Fork, chosen: Chosen, now: Date): Promise<number> {
  const rows = await fork().execute<unknown[]>(
    `update dead_letters set resolution = 'discarded', resolved_at = ?
     where resolution is null ${chosen === 'all' ? '' : 'and id in (?)'} returning 1`,
    chosen === 'all' ? [now] : [now, chosen],
  );
  return rows.length;
}
