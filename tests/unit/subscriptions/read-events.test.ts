import { expect, test } from '@jest/globals';
import { AggregateFollower } from '../../../src/subscriptions/follower.js';
import { OwnerFollower } from '../../../src/subscriptions/owner-follower.js';
import { readAggregates, readOwners } from '../../../src/subscriptions/read-events.js';
import type { StreamReads } from '../../../src/subscriptions/stream-source.js';
import { TestClock, minutes, T0 } from '../../support/test-clock.js';

interface Event {
  readonly version: number;
  readonly recordedAt: Date;
}

const VIEWER = { userId: 'viewer', expiresAt: new Date(Date.now() + 60_000) };
const events: readonly Event[] = [1, 2, 3].map((version) => ({ version, recordedAt: minutes(version) }));

/** Reads of one aggregate that do something before they answer. */
const readsThat = (meanwhile: () => void): StreamReads<Event> => ({
  eventsAfter: async ([wanted]) => {
    meanwhile();
    return new Map([['order', events.filter(({ version }) => version > (wanted?.version ?? 0))]]);
  },
  eventsSince: async ([wanted]) => {
    meanwhile();
    return new Map([['viewer', events.filter(({ recordedAt }) => wanted && recordedAt >= wanted.since)]]);
  },
  changedSince: async () => [],
  newestOf: async () => null,
});
const versions = async (follower: AggregateFollower<Event> | OwnerFollower<Event>) => {
  follower.mailbox.close();
  return (await follower.mailbox.take(new Date())).map(({ version }) => version);
};

test('a reader that starts while others are read for misses nothing: it is read for by itself', async () => {
  const [early, late] = [1, 2].map(() => new AggregateFollower<Event>(VIEWER, 'order:1', 'order'));
  early?.start(2);
  await readAggregates(
    readsThat(() => late?.start(0)),
    [early, late] as AggregateFollower<Event>[],
  );
  expect(late?.version).toBe(0);
  await readAggregates(
    readsThat(() => undefined),
    [late] as AggregateFollower<Event>[],
  );
  expect([await versions(early as never), await versions(late as never)]).toEqual([[3], [1, 2, 3]]);
});

test('so does a reader of all orders', async () => {
  const [early, late] = [1, 2].map(() => new OwnerFollower<Event>(VIEWER, 'orders-of:viewer', () => 'order'));
  early?.start(minutes(5));
  const clock = new TestClock(minutes(6));
  await readOwners(
    readsThat(() => late?.start(T0)),
    clock,
    [early, late] as OwnerFollower<Event>[],
  );
  await readOwners(
    readsThat(() => undefined),
    clock,
    [late] as OwnerFollower<Event>[],
  );
  expect([await versions(early as never), await versions(late as never)]).toEqual([[3], [1, 2, 3]]);
});
