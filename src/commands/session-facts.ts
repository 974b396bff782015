import { LIVE_STATUSES } from '../entities/booking-status.js';
import { checkFloatAmounts, type TotalNotPayable } from '../entities/payment/amount-errors.js';
import { AccountBlocked, NotFound } from '../entities/refusals.js';
import { SessionBooking } from '../entities/session-booking.js';
import { SessionUnavailable, SessionUnavailableReason } from '../entities/session-refusals.js';
import type { KnownSession } from '../entities/session.js';
import { isCurrency } from '../entities/shared/currency.js';
import { callerGone } from '../observability/correlation.js';
import type { Fork } from '../persistence/orm.js';
import { lookAtSeats, type Seats } from '../persistence/seats.js';
import { NeighbourDown } from '../platform/neighbours.js';
import type { Environment } from './environment.js';

/** What is known of a session and of somebody who wants a seat in it. */
export interface SessionFacts {
  readonly mayBuy: boolean;
  /** As the session service tells; undefined where it knows none. */
  readonly session: KnownSession | undefined;
  /** Read without a lock, so it may be over by now. Undefined where nobody has booked or waited yet. */
  readonly seats: Seats | undefined;
  /** The booking of theirs that has a seat of the session now. */
  readonly liveBooking: SessionBooking | null;
  /** Set where nobody could pay the price of a seat. */
  readonly unpayable?: TotalNotPayable | undefined;
}

export type SessionRefusal = AccountBlocked | NotFound | SessionUnavailable | TotalNotPayable;

/**
 * Asks the session service about a session.
 * @throws NeighbourDown when it does not answer, or the platform has none
 */
export async function askForSession(env: Environment, sessionId: string): Promise<KnownSession | undefined> {
  const { sessions } = env.neighbours;
  if (!sessions) throw new NeighbourDown('session', new Error('this platform has no session service'), false);
  const askedAt = env.clock.now();
  const session = await sessions.findSession(sessionId);
  return session && { ...session, askedAt };
}

/**
 * Asks everybody about somebody's wish for a seat, all at once.
 * @throws NeighbourDown when one of them does not answer, AbortError when nobody waits for the answer any more
 */
export async function askAboutSeat(env: Environment, userId: string, sessionId: string): Promise<SessionFacts> {
  const [user, session, { seats, hasBooking }] = await Promise.all([
    env.neighbours.users.findUser(userId),
    askForSession(env, sessionId),
    lookAtSeats(env.fork, sessionId, userId),
  ]);
  callerGone()?.throwIfAborted();
  const liveBooking = hasBooking ? await findLiveBooking(env.fork, userId, sessionId) : null;
  const unpayable =
    session && env.policies.paysInFloats
      ? checkFloatAmounts([{ listPrice: session.price, price: session.price }])
      : undefined;
  return { mayBuy: user !== undefined && !user.blocked, session, seats, liveBooking, unpayable };
}

/** The booking of somebody that has a seat of a session now; there is at most one. */
export function findLiveBooking(fork: Fork, attendeeId: string, sessionId: string): Promise<SessionBooking | null> {
  return fork().findOne(SessionBooking, { attendeeId, sessionId, status: { $in: [...LIVE_STATUSES] } });
}

/** Decides whether somebody may want a seat of a session at all. Pure. @returns the session, or the refusal */
export function judgeSession(
  userId: string,
  sessionId: string,
  { mayBuy, session, seats, unpayable }: SessionFacts,
  now: Date,
): KnownSession | SessionRefusal {
  if (!mayBuy) return new AccountBlocked();
  if (seats?.goneAt) return SessionUnavailable.cancelled(sessionId);
  if (!session) return new NotFound(sessionId);
  if (session.instructorId === userId) return new SessionUnavailable(sessionId, SessionUnavailableReason.OWN_SESSION);
  if (!isCurrency(session.price.currency))
    return new SessionUnavailable(sessionId, SessionUnavailableReason.CURRENCY_UNSUPPORTED);
  if (hasStarted(session, now)) return new SessionUnavailable(sessionId, SessionUnavailableReason.STARTED);
  return unpayable ?? session;
}

/** True once a session has begun; never where the session service tells no times. */
export function hasStarted({ startsAt }: Pick<KnownSession, 'startsAt'>, now: Date): boolean {
  return startsAt !== null && startsAt <= now;
}
