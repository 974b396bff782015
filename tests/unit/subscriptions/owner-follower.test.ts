import { describe, expect, test } from '@jest/globals';
import { OwnerFollower } from '../../../src/subscriptions/owner-follower.js';
import { minutes, T0 } from '../../support/test-clock.js';

interface Event {
  readonly id: string;
  readonly version: number;
  readonly recordedAt: Date;
}

const event = (id: string, version: number, minute: number): Event => ({ id, version, recordedAt: minutes(minute) });

function startedAt(at: Date): OwnerFollower<Event> {
  const viewer = { userId: 'asha', expiresAt: new Date(Date.now() + 60_000) };
  const follower = new OwnerFollower<Event>(viewer, 'orders-of:asha', ({ id }) => id);
  follower.start(at);
  return follower;
}

async function taken(follower: OwnerFollower<Event>): Promise<string[]> {
  follower.mailbox.close();
  return (await follower.mailbox.take(T0)).map(({ id, version }) => `${id}${version}`);
}

describe('a reader of the viewer’s own aggregates', () => {
  test('given a thousand orders that change one after another, then it keeps in mind only those of the overlap', () => {
    const follower = startedAt(T0);
    for (let minute = 0; minute < 1_000; minute++) follower.accept([event(`${minute}`, 1, minute)], minutes(minute));
    expect(follower.remembered).toBe(3);
  });

  test('given readings that overlap, then each event is taken once', async () => {
    const follower = startedAt(T0);
    follower.accept([event('a', 1, 0), event('b', 7, 1)], minutes(1));
    follower.accept([event('a', 1, 0), event('b', 7, 1), event('a', 2, 2)], minutes(2));
    follower.accept([event('b', 7, 1), event('a', 2, 2)], minutes(3));
    expect(await taken(follower)).toEqual(['a1', 'b7', 'a2']);
  });

  test('given a reading that a later one has overtaken, then what was forgotten does not come again', async () => {
    const follower = startedAt(T0);
    follower.accept([event('a', 1, 0)], minutes(0));
    follower.accept([], minutes(10));
    expect(follower.remembered).toBe(0);
    follower.accept([event('a', 1, 0)], minutes(1));
    expect([follower.since, await taken(follower)]).toEqual([minutes(8), ['a1']]);
  });

  test('given what it has had before the start, then only what is newer is taken', async () => {
    const follower = startedAt(T0);
    follower.has('a', 3, minutes(0));
    follower.accept([event('a', 2, 0), event('a', 3, 0), event('a', 4, 0)], minutes(0));
    expect(await taken(follower)).toEqual(['a4']);
  });
});
