import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SessionBookingStatus } from '../../../src/entities/booking-status.js';
import { createBookingLists, type BookingLists } from '../../../src/queries/booking-lists.js';
import { createBookingReads, type BookingReads } from '../../../src/queries/booking-reads.js';
import { BadCursor } from '../../../src/queries/cursor.js';
import { createLiveSessions, type LiveSessions } from '../../../src/queries/live-sessions.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';
import { present } from '../../support/present.js';
import { FREE, sessionCommands } from '../sessions/session-stand.js';

let stand: OrderStand;
let act: ReturnType<typeof sessionCommands>;
let reads: BookingReads;
let lists: BookingLists;
let sessions: LiveSessions;
const SESSIONS = ['s0', 's1', 's2', 's3', 's4'] as const;

beforeAll(async () => {
  stand = await openOrderStand();
  act = sessionCommands(stand);
  reads = createBookingReads(stand.orm, stand.fork);
  lists = createBookingLists(stand.fork, reads);
  sessions = createLiveSessions(stand.fork, stand.neighbours.sessions);
  for (const name of SESSIONS) {
    const sessionId = stand.neighbours.addSession(name, { price: FREE });
    for (const person of ['asha', 'bela']) await act.book(person, sessionId);
    await act.join('chitra', sessionId);
    stand.clock.advance(60_000);
  }
  const [newest] = present(
    (await lists.ofAttendees([idOf('asha')], null, { first: 1, after: null })).get(idOf('asha')),
  ).rows;
  await act.cancel('asha', present(newest).id);
});
afterAll(() => stand.close());

const page = async (
  name: string,
  status: readonly SessionBookingStatus[] | null,
  first: number,
  after: string | null = null,
) => present((await lists.ofAttendees([idOf(name)], status, { first, after })).get(idOf(name)));
const counted = async <T>(read: () => Promise<T>): Promise<readonly [T, number]> => {
  stand.proxy.takeStatements();
  const result = await read();
  return [result, stand.proxy.takeStatements().length];
};

describe('a list of bookings', () => {
  test('is newest first, in pages that miss nothing and repeat nothing', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { rows, cursors, hasNextPage } = await page('asha', null, 2, after);
      seen.push(...rows.map(({ sessionId }) => sessionId));
      after = hasNextPage ? (cursors.at(-1) ?? null) : null;
    } while (after);
    expect(seen).toEqual([...SESSIONS].reverse().map(idOf));
  });

  test('has only the statuses that are asked for', async () => {
    const { CANCELLED, CONFIRMED } = SessionBookingStatus;
    expect((await page('asha', [CANCELLED], 9)).rows.map(({ sessionId }) => sessionId)).toEqual([idOf('s4')]);
    expect((await page('asha', [CONFIRMED], 9)).rows).toHaveLength(4);
    expect((await page('asha', [], 9)).rows).toEqual([]);
    const people = [idOf('asha'), idOf('nobody')];
    expect([...(await lists.countOfAttendees(people, null))]).toEqual([[idOf('asha'), 5]]);
    expect([...(await lists.countOfAttendees(people, [CANCELLED]))]).toEqual([[idOf('asha'), 1]]);
    expect([...(await lists.countOfAttendees(people, []))]).toEqual([]);
  });

  test('of many people is one statement, each with their own', async () => {
    const people = ['asha', 'bela', 'nobody'].map(idOf);
    const [found, statements] = await counted(() => lists.ofAttendees(people, null, { first: 3, after: null }));
    expect(statements).toBe(1);
    expect(people.map((id) => found.get(id)?.rows.map(({ attendeeId }) => attendeeId))).toEqual([
      Array(3).fill(idOf('asha')),
      Array(3).fill(idOf('bela')),
      [],
    ]);
  });

  test('refuses the cursor of another list, and what is no cursor', async () => {
    const { cursors } = await page('asha', null, 1);
    const cursor = present(cursors[0]);
    await expect(page('asha', [SessionBookingStatus.CONFIRMED], 1, cursor)).rejects.toThrow(BadCursor);
    await expect(page('asha', null, 1, 'x')).rejects.toThrow(BadCursor);
  });

  test('is read by its index', async () => {
    await stand.sql('set enable_seqscan = off');
    const plan = await stand.sql<Record<string, string>>(
      `explain select * from session_bookings where attendee_id = $1 order by booked_at desc, id desc limit 20`,
      [idOf('asha')],
    );
    const text = plan.map((row) => Object.values(row)[0]).join('\n');
    expect(text).toContain('session_bookings_attendee');
    expect(text).not.toContain('Sort');
  });
});

describe('reads of sessions, each one statement for all', () => {
  const ids = SESSIONS.map(idOf);

  test('seats', async () => {
    const [found, statements] = await counted(() => sessions.seats([...ids, idOf('never booked')]));
    expect(statements).toBe(1);
    expect(ids.map((id) => [found.get(id)?.taken, found.get(id)?.waiting])).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 0],
    ]);
    expect(found.has(idOf('never booked'))).toBe(false);
  });

  test('places in line', async () => {
    const [found, statements] = await counted(() => sessions.positions(idOf('chitra'), ids));
    expect(statements).toBe(1);
    // In the last one she has got the seat that was given up.
    expect([...found].sort()).toEqual(
      ids
        .slice(0, 4)
        .map((id) => [id, 1])
        .sort(),
    );
    expect(await sessions.linesOf(idOf('chitra'))).toEqual(ids.slice(0, 4));
  });

  test('a person’s bookings: the live one, else the newest', async () => {
    const [found, statements] = await counted(() => reads.ofAttendee(idOf('asha'), ids));
    expect(statements).toBe(1);
    expect(ids.map((id) => found.get(id)?.status)).toEqual([...Array(4).fill('CONFIRMED'), 'CANCELLED']);
    await act.cancel('bela', present((await reads.ofAttendee(idOf('bela'), [idOf('s4')])).get(idOf('s4'))).id);
    await act.book('asha', idOf('s4'));
    expect((await reads.ofAttendee(idOf('asha'), [idOf('s4')])).get(idOf('s4'))?.status).toBe('CONFIRMED');
  });
});
