import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Money } from '../../../src/entities/money.js';
import type { KnownSession } from '../../../src/entities/session.js';
import { freeSeats, markGone, readSeats, rememberSession, takeSeat } from '../../../src/persistence/seats.js';
import { joinLine, takeFirstInLine } from '../../../src/persistence/waitlist.js';
import { idOf, idSequence } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { minutes, T0 } from '../../support/test-clock.js';

let stand: OrderStand;
let id: string;
const nextId = idSequence('seats');
beforeAll(async () => {
  stand = await openOrderStand();
});
beforeEach(() => void (id = nextId()));
afterAll(() => stand.close());

const told = (changes: Partial<KnownSession> = {}): KnownSession => ({
  id,
  title: 'Sets',
  price: new Money(100n, 'INR'),
  capacity: 1,
  instructorId: null,
  startsAt: null,
  endsAt: null,
  askedAt: T0,
  ...changes,
});
const take = (changes: Partial<KnownSession> = {}) => takeSeat(stand.fork(), told(changes), minutes(5));
const join = (name: string) =>
  joinLine(stand.fork(), { sessionId: id, attendeeId: idOf(name), now: T0, checkAt: minutes(5) });
const seats = async () => {
  const found = (await readSeats(stand.fork, [id])).get(id);
  return found && [found.taken, found.waiting, found.session.capacity, found.session.title];
};

describe('the one statement that takes a seat', () => {
  test('takes the last one, and no more', async () => {
    expect(await take()).toMatchObject({ taken: 1 });
    expect(await take()).toBeUndefined();
    expect(await seats()).toEqual([1, 0, 1, 'Sets']);
  });

  test('takes none of a session without seats, and remembers nothing of it', async () => {
    expect(await take({ capacity: 0 })).toBeUndefined();
    expect(await seats()).toBeUndefined();
  });

  test('takes none while somebody waits, although one is free', async () => {
    await take();
    await join('a');
    await freeSeats(stand.fork(), id, 1);
    expect(await seats()).toEqual([0, 1, 1, 'Sets']);
    expect(await take()).toBeUndefined();
    expect(await take({ capacity: 9, askedAt: minutes(1) })).toBeUndefined();
    expect(await seats()).toEqual([0, 1, 1, 'Sets']);
  });

  test('takes none of a session that is gone', async () => {
    await rememberSession(stand.fork(), told({ capacity: 9 }));
    await markGone(stand.fork(), id, T0);
    expect(await take({ capacity: 9, askedAt: minutes(1) })).toBeUndefined();
  });

  test('goes by the newer of two answers, whichever comes first', async () => {
    await rememberSession(stand.fork(), told({ capacity: 1, title: 'new', askedAt: minutes(2) }));
    expect(await take({ capacity: 5, title: 'old', askedAt: minutes(1) })).toMatchObject({ taken: 1 });
    expect(await take({ capacity: 5, title: 'old', askedAt: minutes(1) })).toBeUndefined();
    expect(await seats()).toEqual([1, 0, 1, 'new']);
    expect(await take({ capacity: 2, title: 'newest', askedAt: minutes(3) })).toMatchObject({ taken: 2 });
    expect(await seats()).toEqual([2, 0, 2, 'newest']);
  });
});

describe('the line', () => {
  test('cannot be joined while a seat is free, nor when the session is gone', async () => {
    await rememberSession(stand.fork(), told());
    expect(await join('a')).toBe(false);
    await take();
    await markGone(stand.fork(), id, T0);
    expect(await join('a')).toBe(false);
    expect(await seats()).toEqual([1, 0, 1, 'Sets']);
  });

  test('gives those who came first, in their order, however many are asked for', async () => {
    await take();
    for (const name of ['a', 'b', 'c']) expect(await join(name)).toBe(true);
    expect(await takeFirstInLine(stand.fork(), id, 2)).toEqual([idOf('a'), idOf('b')]);
    expect(await takeFirstInLine(stand.fork(), id, 2)).toEqual([idOf('c')]);
    expect(await takeFirstInLine(stand.fork(), id, 2)).toEqual([]);
    expect(await seats()).toEqual([1, 0, 1, 'Sets']);
  });
});

test('a seat that nobody has cannot be given back: the database refuses it', async () => {
  await rememberSession(stand.fork(), told());
  await expect(freeSeats(stand.fork(), id, 1)).rejects.toThrow('session_seats_taken_check');
});
