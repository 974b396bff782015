import { NotFound, ServiceUnavailable, type InvalidInput, type AccountBlocked } from '../entities/refusals.js';
import { AlreadyBooked, SeatsAvailable, SessionUnavailable } from '../entities/session-refusals.js';
import type { KnownSession } from '../entities/session.js';
import { retried } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import { lockSeats, rememberSession } from '../persistence/seats.js';
import { joinLine, leaveLine, readPlaces } from '../persistence/waitlist.js';
import { NeighbourDown } from '../platform/neighbours.js';
import type { Environment } from './environment.js';
import { promoteWaiting } from './promote-waiting.js';
import { askAboutSeat, askForSession, findLiveBooking, judgeSession, type SessionRefusal } from './session-facts.js';
import { InputCheck } from './validation.js';

export type JoinOutcome =
  | { readonly sessionId: string; readonly position: number }
  | InvalidInput
  | SessionRefusal
  | AlreadyBooked
  | SeatsAvailable
  | ServiceUnavailable;

export type LeaveOutcome = { readonly sessionId: string } | InvalidInput | NotFound | AccountBlocked;

export type JoinSessionWaitlist = (attendeeId: string, sessionId: string) => Promise<JoinOutcome>;
export type LeaveSessionWaitlist = (attendeeId: string, sessionId: string) => Promise<LeaveOutcome>;

/** Puts somebody in line for a session that is full. Who is in line already is told the position again. */
export function createJoinSessionWaitlist(env: Environment): JoinSessionWaitlist {
  return async (attendeeId, sessionId) => {
    const invalid = new InputCheck().uuid(sessionId, 'sessionId').refusal();
    if (invalid) return invalid;
    try {
      const facts = await askAboutSeat(env, attendeeId, sessionId);
      const session = judgeSession(attendeeId, sessionId, facts, env.clock.now());
      if (!('askedAt' in session)) return session;
      return await retried(() => env.fork().transactional((em) => join(env, em, attendeeId, session)));
    } catch (error) {
      if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
      throw error;
    }
  };
}

/** Under the lock of the seats nobody can book, promote or join beside: what is looked at stays true. */
async function join(
  env: Environment,
  em: EntityManager,
  attendeeId: string,
  session: KnownSession,
): Promise<JoinOutcome> {
  const { id: sessionId, askedAt } = session;
  const seats = await rememberSession(em, session);
  if (seats.goneAt) return SessionUnavailable.cancelled(sessionId);
  await promoteWaiting(env, em, seats);
  await em.flush();
  const live = await findLiveBooking(() => em, attendeeId, sessionId);
  if (live) return new AlreadyBooked(live);
  const before = await positionOf(em, attendeeId, sessionId);
  if (before !== undefined) return { sessionId, position: before };
  const checkAt = new Date(askedAt.getTime() + env.policies.sessionCheckMs);
  const isWaiting = await joinLine(em, { sessionId, attendeeId, now: env.clock.now(), checkAt });
  if (!isWaiting) return new SeatsAvailable(sessionId);
  return { sessionId, position: (await positionOf(em, attendeeId, sessionId)) ?? 1 };
}

async function positionOf(em: EntityManager, attendeeId: string, sessionId: string): Promise<number | undefined> {
  const [place] = await readPlaces(() => em, [{ sessionId, attendeeId }]);
  return place?.position;
}

/** Takes somebody out of the line. Who is not in it has left already. */
export function createLeaveSessionWaitlist(env: Environment): LeaveSessionWaitlist {
  return async (attendeeId, sessionId) => {
    const invalid = new InputCheck().uuid(sessionId, 'sessionId').refusal();
    if (invalid) return invalid;
    const hasSeats = await retried(() =>
      env.fork().transactional(async (em) => {
        const [seats] = await lockSeats(em, [sessionId]);
        if (seats) await leaveLine(em, sessionId, attendeeId);
        return seats !== undefined;
      }),
    );
    return hasSeats || (await mayExist(env, sessionId)) ? { sessionId } : new NotFound(sessionId);
  };
}

/** Of a session that nobody has booked only the session service knows. Where it does not answer, nobody is in line all the same. */
async function mayExist(env: Environment, sessionId: string): Promise<boolean> {
  try {
    return (await askForSession(env, sessionId)) !== undefined;
  } catch (error) {
    if (error instanceof NeighbourDown) return true;
    throw error;
  }
}
