import { isWellFormedText } from '../entities/shared/text.js';
import type { EntityManager } from './orm.js';

/** Which message: its eventId, or its place in the topic where it has none. */
export interface InboxKey {
  readonly topic: string;
  readonly eventKey: string;
}

const asText = ({ topic, eventKey }: InboxKey): string => `${topic}\n${eventKey}`;

/**
 * Takes messages in, in the caller's transaction.
 * @returns which of them are new; the others have had their effect before
 * @throws RangeError for a key that the database cannot store as it is: it would be compared with something else
 */
export async function takeIn(
  em: EntityManager,
  keys: readonly InboxKey[],
  now: Date,
): Promise<(key: InboxKey) => boolean> {
  // Sorted, so that two batches with the same messages wait for each other instead of dying in a deadlock.
  const unique = [...new Map(keys.map((key) => [asText(key), key])).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  if (unique.length === 0) return () => false;
  for (const [text, { topic }] of unique) {
    if (!isWellFormedText(text)) throw new RangeError(`a message of ${topic} has a key that cannot be stored`);
  }
  const rows = await em.execute<{ topic: string; event_key: string }[]>(
    `insert into inbox (topic, event_key, received_at) values ${unique.map(() => '(?, ?, ?)').join(', ')}
     on conflict do nothing returning topic, event_key`,
    unique.flatMap(([, { topic, eventKey }]) => [topic, eventKey, now]),
  );
  const fresh = new Set(rows.map((row) => asText({ topic: row.topic, eventKey: row.event_key })));
  return (key) => fresh.delete(asText(key));
}
