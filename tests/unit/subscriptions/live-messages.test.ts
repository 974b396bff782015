import { expect, test } from '@jest/globals';
import { StreamEnd, type Change } from '../../../src/subscriptions/change.js';
import { AggregateFollower, liveMessages } from '../../../src/subscriptions/follower.js';

interface Event {
  readonly version: number;
}

/** A follower with two events in its mailbox, and a promise of everything that its stream delivers. */
function followed(expiresAt: Date) {
  const follower = new AggregateFollower<Event>({ userId: 'asha', expiresAt }, 'order:1', '1');
  follower.mailbox.put([{ version: 1 }, { version: 2 }]);
  const at = new Date(0);
  const messages = liveMessages<string, Event>(
    follower,
    async (events) => events.map((event) => ({ aggregate: 'order', event, ends: null, at })),
    async (ends) => ({ aggregate: 'order', event: null, ends, at }),
  );
  const all = async () => {
    const found: Change<string, Event>[] = [];
    for await (const message of messages) found.push(message);
    return found.map(({ event, ends }) => ends ?? event?.version);
  };
  return { follower, all };
}

test('given a token that has ended, when events wait, then none is delivered, and the stream ends', async () => {
  expect(await followed(new Date(Date.now() - 1)).all()).toEqual([StreamEnd.TOKEN_EXPIRED]);
});

test('given a token that counts, when the stream is stopped, then what waits is delivered before its end', async () => {
  const { follower, all } = followed(new Date(Date.now() + 3_600_000));
  follower.stop(StreamEnd.SHUTDOWN);
  expect(await all()).toEqual([1, 2, StreamEnd.SHUTDOWN]);
});
