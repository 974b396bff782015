import type { EntityManager, Fork } from './orm.js';

/** Somebody's place in the line for a session. */
export interface Place {
  readonly sessionId: string;
  readonly attendeeId: string;
  /** From 1. */
  readonly position: number;
}

interface PlaceRow {
  readonly session_id: string;
  readonly attendee_id: string;
  readonly position: string;
}

const placeOf = (row: PlaceRow): Place => ({
  sessionId: row.session_id,
  attendeeId: row.attendee_id,
  position: Number(row.position),
});

/** Who wants to wait for which session. */
export interface Joining {
  readonly sessionId: string;
  readonly attendeeId: string;
  readonly now: Date;
  /** When to ask about the session again, where nothing of it was looked after before. */
  readonly checkAt: Date;
}

/**
 * Puts somebody at the end of the line, if there is a reason to wait. The number is given under the lock of the seats, so
 * that the line has one order.
 * @returns false when a seat can be booked instead
 */
export async function joinLine(em: EntityManager, { sessionId, attendeeId, now, checkAt }: Joining): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    `with seats as (
       update session_seats set waiting = waiting + 1, last_place = last_place + 1, check_at = coalesce(check_at, ?)
       where session_id = ? and gone_at is null and (taken >= capacity or waiting > 0) returning session_id, last_place)
     insert into session_waitlist (session_id, attendee_id, place, joined_at)
     select session_id, ?::uuid, last_place, ?::timestamptz from seats returning 1`,
    [checkAt, sessionId, attendeeId, now],
  );
  return rows.length > 0;
}

/** Takes somebody out of the line. The seats must be locked. @returns false for somebody who was not in it */
export async function leaveLine(em: EntityManager, sessionId: string, attendeeId: string): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    `with left_line as (delete from session_waitlist where session_id = ? and attendee_id = ? returning session_id)
     update session_seats set waiting = waiting - 1 where session_id in (select session_id from left_line) returning 1`,
    [sessionId, attendeeId],
  );
  return rows.length > 0;
}

/** Takes those who came first out of the line. The seats must be locked. @returns them, first come first */
export async function takeFirstInLine(em: EntityManager, sessionId: string, count: number): Promise<string[]> {
  const rows = await em.execute<{ attendee_id: string }[]>(
    `with first as (
       delete from session_waitlist where session_id = ? and place in (
         select place from session_waitlist where session_id = ? order by place limit ?)
       returning attendee_id, place)
     , seats as (update session_seats set waiting = waiting - (select count(*) from first) where session_id = ?)
     select attendee_id from first order by place`,
    [sessionId, sessionId, count, sessionId],
  );
  return rows.map((row) => row.attendee_id);
}

/** Ends the line of a session. The seats must be locked. */
export async function dissolveLine(em: EntityManager, sessionId: string): Promise<void> {
  await em.execute(`delete from session_waitlist where session_id = ?`, [sessionId]);
  await em.execute(`update session_seats set waiting = 0 where session_id = ? and waiting > 0`, [sessionId]);
}

/** Who of these is in line for which of these sessions, and where. */
export async function readPlaces(
  fork: Fork,
  wanted: readonly { readonly sessionId: string; readonly attendeeId: string }[],
): Promise<Place[]> {
  const rows = await fork().execute<PlaceRow[]>(
    `select mine.session_id, mine.attendee_id,
       (select count(*) from session_waitlist before where before.session_id = mine.session_id
          and before.place <= mine.place) as position
     from unnest(?::uuid[], ?::uuid[]) wanted (session_id, attendee_id) join session_waitlist mine using (session_id, attendee_id)`,
    [arrayOf(wanted.map(({ sessionId }) => sessionId)), arrayOf(wanted.map(({ attendeeId }) => attendeeId))],
  );
  return rows.map(placeOf);
}

/** The sessions that somebody is in line for, longest waiting first. */
export async function linesOf(fork: Fork, attendeeId: string): Promise<string[]> {
  const rows = await fork().execute<{ session_id: string }[]>(
    `select session_id from session_waitlist where attendee_id = ? order by joined_at, session_id`,
    [attendeeId],
  );
  return rows.map((row) => row.session_id);
}

const arrayOf = (ids: readonly string[]): string => `{${ids.join(',')}}`;
