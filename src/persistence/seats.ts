import { Money } from '../entities/money.js';
import type { KnownSession } from '../entities/session.js';
import type { EntityManager, Fork } from './orm.js';

/** The seats of a session, with the newest that is known of it. */
export interface Seats {
  readonly session: KnownSession;
  /** Seats of live bookings. */
  readonly taken: number;
  /** People in line. */
  readonly waiting: number;
  /** Since when it is known to be cancelled, or to exist no more. */
  readonly goneAt: Date | null;
}

interface Row {
  readonly session_id: string;
  readonly taken: number;
  readonly waiting: number;
  readonly capacity: number;
  readonly capacity_at: string;
  readonly title: string | null;
  readonly price_minor: string;
  readonly currency: string;
  readonly instructor_id: string | null;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly gone_at: string | null;
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));

function seatsOf(row: Row): Seats {
  const session = {
    id: row.session_id,
    title: row.title,
    price: new Money(BigInt(row.price_minor), row.currency),
    capacity: row.capacity,
    instructorId: row.instructor_id,
    startsAt: timeOf(row.starts_at),
    endsAt: timeOf(row.ends_at),
    askedAt: new Date(row.capacity_at),
  };
  return { session, taken: row.taken, waiting: row.waiting, goneAt: timeOf(row.gone_at) };
}

/** What the session service tells; of two answers the newer one wins. */
const DETAILS = [
  'capacity',
  'title',
  'price_minor',
  'currency',
  'instructor_id',
  'starts_at',
  'ends_at',
  'capacity_at',
];
const NEWER = 'excluded.capacity_at >= seats.capacity_at';
const KEEP_NEWER = DETAILS.map((name) => `${name} = case when ${NEWER} then excluded.${name} else seats.${name} end`);
const INSERT = `insert into session_seats as seats (session_id, ${DETAILS.join(', ')}, taken, waiting, last_place, check_at)
  select ?::uuid, ?::int, ?, ?::bigint, ?, ?::uuid, ?::timestamptz, ?::timestamptz, ?::timestamptz, ?::int, 0, 0, ?::timestamptz`;

const valuesOf = ({ id, capacity, title, price, instructorId, startsAt, endsAt, askedAt }: KnownSession) => [
  id,
  capacity,
  title,
  String(price.minor),
  price.currency,
  instructorId,
  startsAt,
  endsAt,
  askedAt,
];

/**
 * Takes one seat: ONE statement decides, and remembers what the session service has just told. Nobody gets a seat while
 * others wait in line.
 * @param checkAt when to ask about the session again, where nothing of it was looked after before
 * @returns the seats as they are then; undefined when none was free
 */
export async function takeSeat(em: EntityManager, session: KnownSession, checkAt: Date): Promise<Seats | undefined> {
  const rows = await em.execute<Row[]>(
    `${INSERT} where ?::int > 0
     on conflict (session_id) do update set taken = seats.taken + 1, ${KEEP_NEWER.join(', ')},
       check_at = coalesce(seats.check_at, excluded.check_at)
     where seats.gone_at is null and seats.waiting = 0
       and seats.taken < case when ${NEWER} then excluded.capacity else seats.capacity end
     returning *`,
    [...valuesOf(session), 1, checkAt, session.capacity],
  );
  return rows[0] && seatsOf(rows[0]);
}

/** Remembers what the session service has told, and locks the session's seats. */
export async function rememberSession(em: EntityManager, session: KnownSession): Promise<Seats> {
  const [row] = await em.execute<Row[]>(
    `${INSERT} on conflict (session_id) do update set ${KEEP_NEWER.join(', ')} returning *`,
    [...valuesOf(session), 0, null],
  );
  if (!row) throw new Error(`session ${session.id} was not remembered`);
  return seatsOf(row);
}

/** Gives seats of a session back. @returns the seats as they are then, locked */
export async function freeSeats(em: EntityManager, sessionId: string, count: number): Promise<Seats> {
  const [row] = await em.execute<Row[]>(`update session_seats set taken = taken - ? where session_id = ? returning *`, [
    count,
    sessionId,
  ]);
  if (!row) throw new Error(`session ${sessionId} has no seats`);
  return seatsOf(row);
}

/** Counts seats as taken that have been decided about under the lock. */
export async function takeMoreSeats(em: EntityManager, sessionId: string, count: number): Promise<void> {
  await em.execute(`update session_seats set taken = taken + ? where session_id = ?`, [count, sessionId]);
}

/** Locks the seats of sessions in the order of their ids, so that callers wait for each other instead of dying in a deadlock. */
export async function lockSeats(em: EntityManager, sessionIds: readonly string[]): Promise<Seats[]> {
  if (sessionIds.length === 0) return [];
  const rows = await em.execute<Row[]>(
    `select * from session_seats where session_id in (?) order by session_id for no key update`,
    [[...new Set(sessionIds)]],
  );
  return rows.map(seatsOf);
}

/** Locks the seats of the sessions of orders. Orders of courses have none. */
export async function lockSeatsOfOrders(em: EntityManager, orderIds: readonly string[]): Promise<void> {
  const rows = await em.execute<{ session_id: string }[]>(
    `select distinct session_id from orders where id in (?) and session_id is not null`,
    [orderIds],
  );
  await lockSeats(
    em,
    rows.map((row) => row.session_id),
  );
}

/** Reads the seats of sessions; those that nobody has booked or waited for yet are missing. */
export async function readSeats(fork: Fork, sessionIds: readonly string[]): Promise<ReadonlyMap<string, Seats>> {
  const rows = await fork().execute<Row[]>(`select * from session_seats where session_id in (?)`, [[...sessionIds]]);
  return new Map(rows.map((row) => [row.session_id, seatsOf(row)]));
}

/** What is seen of a session without a lock, by somebody who wants a seat: it may be over when it is acted upon. */
export interface FirstLook {
  /** Undefined where nobody has booked or waited yet. */
  readonly seats: Seats | undefined;
  readonly hasBooking: boolean;
}

/** A first look at a session and at what somebody has of it. One statement. */
export async function lookAtSeats(fork: Fork, sessionId: string, attendeeId: string): Promise<FirstLook> {
  const [row] = await fork().execute<(Partial<Row> & { readonly has_booking: boolean })[]>(
    `select seats.*, exists (select 1 from session_bookings where attendee_id = ? and session_id = wanted.id
       and status in ('PENDING', 'CONFIRMED')) as has_booking
     from (values (?::uuid)) wanted (id) left join session_seats seats on seats.session_id = wanted.id`,
    [attendeeId, sessionId],
  );
  const isKnown = row?.session_id != null;
  return { seats: isKnown ? seatsOf(row as Row) : undefined, hasBooking: row?.has_booking ?? false };
}

/**
 * Sessions whose turn it is to be asked about, put off until `again`: another replica asks where this one dies. The oldest
 * come first; what is locked is being booked, and comes next time.
 */
export async function takeDueSessions(fork: Fork, now: Date, again: Date, limit: number): Promise<string[]> {
  const rows = await fork().execute<{ session_id: string }[]>(
    `update session_seats set check_at = ? where session_id in (
       select session_id from session_seats where check_at <= ? order by check_at limit ? for no key update skip locked)
     returning session_id`,
    [again, now, limit],
  );
  return rows.map((row) => row.session_id);
}

/** Says when to ask about a session again; null: there is nothing to look after. */
export async function scheduleCheck(em: EntityManager, sessionId: string, at: Date | null): Promise<void> {
  await em.execute(`update session_seats set check_at = ? where session_id = ?`, [at, sessionId]);
}

/** Marks a session as cancelled, or as existing no more, for good. @returns its seats, locked; undefined for an unknown one */
export async function markGone(em: EntityManager, sessionId: string, now: Date): Promise<Seats | undefined> {
  const [row] = await em.execute<Row[]>(
    `update session_seats set gone_at = coalesce(gone_at, ?::timestamptz) where session_id = ? returning *`,
    [now, sessionId],
  );
  return row && seatsOf(row);
}
