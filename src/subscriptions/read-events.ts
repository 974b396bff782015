import type { Clock } from '../observability/clock.js';
import type { AggregateFollower } from './follower.js';
import type { OwnerFollower } from './owner-follower.js';
import type { StreamEvent, StreamReads } from './stream-source.js';

/**
 * Gives followers of aggregates the events after their versions, in one statement. One that starts while the statement runs is
 * not among them: what was read for others may begin after what it has not had.
 */
export async function readAggregates<E extends StreamEvent>(
  reads: StreamReads<E>,
  followers: readonly AggregateFollower<E>[],
): Promise<void> {
  const oldest = new Map<string, number>();
  const started = followers.filter(({ version }) => version !== null);
  for (const { aggregateId: id, version } of started) {
    if (version !== null) oldest.set(id, Math.min(version, oldest.get(id) ?? version));
  }
  if (oldest.size === 0) return;
  const events = await reads.eventsAfter([...oldest].map(([id, version]) => ({ id, version })));
  for (const follower of started) follower.accept(events.get(follower.aggregateId) ?? []);
}

/** Gives followers of their own aggregates the events since they were last read, in one statement; the same holds for them. */
export async function readOwners<E extends StreamEvent>(
  reads: StreamReads<E>,
  clock: Clock,
  followers: readonly OwnerFollower<E>[],
): Promise<void> {
  const oldest = new Map<string, Date>();
  const started = followers.filter(({ since }) => since !== null);
  for (const { viewer, since } of started) {
    const other = oldest.get(viewer.userId);
    if (since && (!other || since < other)) oldest.set(viewer.userId, since);
  }
  if (oldest.size === 0) return;
  const readAt = clock.now();
  const events = await reads.eventsSince([...oldest].map(([ownerId, since]) => ({ ownerId, since })));
  for (const follower of started) follower.accept(events.get(follower.viewer.userId) ?? [], readAt);
}
