import { v5 as uuidv5 } from 'uuid';
import type { Fork } from '../persistence/orm.js';
import { shardOf } from '../persistence/outbox-message.js';
import type { ReceivedMessage } from './bus/bus.js';
import { Topic } from './topics.js';

/** What is kept of a message, so that its dead letter is not too large itself. */
const MOST_KEPT = 500_000;
const NAMESPACE = '6f1c3f63-2a9f-4d0e-9d3c-6d2f3f6a1b11';

/**
 * Puts a message that can never take effect among the dead letters, with its reason and origin. It goes through the
 * outbox: durable when this resolves, and once however often it is called.
 */
export async function deadLetter(fork: Fork, message: ReceivedMessage, reason: string, attempts: number, now: Date): Promise<void> {
  const { topic, partition, offset } = message;
  const id = uuidv5(`${topic}:${partition}:${offset}`, NAMESPACE);
  const payload = {
    eventType: 'DLQEvent',
    originalTopic: topic,
    originalPartition: partition,
    originalOffset: offset,
    originalKey: message.key,
    originalHeaders: message.headers,
    originalMessage: message.value.slice(0, MOST_KEPT),
    ...(message.value.length > MOST_KEPT ? { originalLength: message.value.length } : {}),
    error: reason,
    attempts,
    timestamp: now.toISOString(),
  };
  await fork().execute(
    `insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
     values (?, ?, ?, ?, '{}', 'dead-letter', ?, 1, ?, ?) on conflict do nothing`,
    // A key may hold what PostgreSQL's text cannot; as it was, it is in the payload.
    [id, Topic.DEAD_LETTERS, message.key.replaceAll('\0', ''), JSON.stringify(payload), id, shardOf(id), now],
  );
}
