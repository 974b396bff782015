import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../../src/subscriptions/change.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import type { StreamAggregate, StreamEvent, StreamSource } from '../../../src/subscriptions/stream-source.js';
import { StreamGate } from '../../../src/subscriptions/stream-gate.js';
import { Streams } from '../../../src/subscriptions/streams.js';
import { testLog } from '../../support/log.js';
import { minutes, T0, TestClock } from '../../support/test-clock.js';

const VIEWER = { userId: 'asha', expiresAt: new Date(Date.now() + 3_600_000) };
/** When the state was written that is read for a snapshot: after all that the stream has to catch up with. */
const NOW = minutes(1_000);

/** Bookings of one attendee, the n-th of which changed at minute n, and all of them again since; and what was loaded together. */
function bookings(count: number) {
  const loaded: number[] = [];
  const ids = Array.from({ length: count }, (_, n) => `booking ${n}`);
  const source: StreamSource<StreamAggregate, StreamEvent> = {
    kind: 'booking',
    reads: {
      eventsAfter: async () => new Map(),
      eventsSince: async () => new Map(),
      changedSince: async () => ids.map((id, n) => ({ id, version: 1, at: minutes(n) })),
      newestOf: async () => ids.at(-1) ?? null,
    },
    load: async (wanted) => {
      loaded.push(wanted.length);
      return new Map(wanted.map((id) => [id, { id, version: 2, updatedAt: NOW }]));
    },
    aggregateIdOf: () => '',
    ownerOf: () => VIEWER.userId,
    isComplete: () => false,
    tellsOfBlocking: () => false,
  };
  const gate = new StreamGate({ perViewer: 9, total: 9 });
  const streams = new Streams(source, { hints: createMemoryHints(), clock: new TestClock(NOW), log: testLog(), gate });
  return { streams, loaded };
}

type Message = Change<StreamAggregate, StreamEvent>;

async function take(stream: AsyncIterator<Message>, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for (let n = 0; n < count; n++) {
    const { value } = (await stream.next()) as { value: Message | undefined };
    if (value) messages.push(value);
  }
  return messages;
}

describe('given a viewer who resumes, when what changed changes again meanwhile', () => {
  test('then each snapshot has the place of the change it was sent for: whoever leaves there misses none of the rest', async () => {
    const { streams } = bookings(3);
    const stream = streams.followOwn(T0, VIEWER);
    const shown = await take(stream, 2);
    expect(shown.map(({ at, aggregate }) => [at, aggregate.version])).toEqual([
      [minutes(0), 2],
      [minutes(1), 2],
    ]);
    streams.block(VIEWER.userId);
    expect(await take(stream, 2)).toMatchObject([
      { aggregate: { id: 'booking 2' }, ends: 'ACCOUNT_BLOCKED', at: minutes(1) },
    ]);
    await streams.close();
  });

  test('then snapshots are read a hundred at a time, as far as the reader has come', async () => {
    const { streams, loaded } = bookings(250);
    const stream = streams.followOwn(T0, VIEWER);
    await take(stream, 100);
    expect(loaded).toEqual([100]);
    await take(stream, 150);
    expect(loaded).toEqual([100, 100, 50]);
    await stream.return?.();
    expect(streams.size).toBe(0);
    await streams.close();
  });
});
