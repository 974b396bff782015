import { ServiceUnavailable, type IdempotencyConflict, type InvalidInput } from '../entities/refusals.js';
import { SessionBooking } from '../entities/session-booking.js';
import { AlreadyBooked, SessionFull, SessionUnavailable } from '../entities/session-refusals.js';
import type { KnownSession } from '../entities/session.js';
import { detachedBooking } from '../persistence/change-booking.js';
import { retried } from '../persistence/change-order.js';
import { isConnectionError, isDatabaseAway, violatedConstraint } from '../persistence/errors.js';
import { isTaken, rememberWith, requestHash, type RequestKey } from '../persistence/idempotency.js';
import { lookAtSeats, takeSeat } from '../persistence/seats.js';
import { NeighbourDown } from '../platform/neighbours.js';
import type { Environment } from './environment.js';
import { createPerformOnce } from './idempotent-call.js';
import { learnSession } from './learn-session.js';
import { book } from './seat-order.js';
import { actorFor } from './shared/actor-for.js';
import {
  askAboutSeat,
  findLiveBooking,
  judgeSession,
  type SessionFacts,
  type SessionRefusal,
} from './session-facts.js';
import { InputCheck } from './validation.js';

export interface BookSessionInput {
  readonly sessionId: string;
  readonly idempotencyKey: string | null;
  /** The operator who books it for the attendee; absent where the attendee does. */
  readonly operatorId?: string | undefined;
}

export type BookSessionOutcome =
  | { readonly booking: SessionBooking; readonly replayed: boolean }
  | InvalidInput
  | SessionRefusal
  | SessionFull
  | AlreadyBooked
  | IdempotencyConflict
  | ServiceUnavailable;

export type BookSession = (attendeeId: string, input: BookSessionInput) => Promise<BookSessionOutcome>;

/** A seat that is wanted, with the id that its booking will have. */
interface Wanted {
  readonly bookingId: string;
  readonly attendeeId: string;
  readonly session: KnownSession;
  readonly request: RequestKey | undefined;
  readonly operatorId: string | undefined;
}

/**
 * Books a seat: the neighbours are asked, then one statement takes the seat, and booking, order, events and idempotency row
 * are written in its transaction. A refusal leaves no row behind.
 */
export function createBookSession(env: Environment): BookSession {
  const performOnce = createPerformOnce(env);
  return async (attendeeId, input) => {
    const { sessionId, idempotencyKey } = input;
    const invalid = new InputCheck().uuid(sessionId, 'sessionId').idempotencyKey(idempotencyKey).refusal();
    if (invalid) return invalid;
    const request = requestKeyOf(attendeeId, input);
    try {
      return await performOnce<BookSessionOutcome>({
        request,
        again: async (bookingId) => ({
          booking: await env.fork().findOneOrFail(SessionBooking, bookingId),
          replayed: true,
        }),
        perform: () => bookNew(env, attendeeId, input, request),
        busy: () => new ServiceUnavailable('order', 1),
      });
    } catch (error) {
      if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
      if (!isDatabaseAway(error)) throw error;
      env.log.warn({ err: error }, 'booking refused: the database is away');
      return new ServiceUnavailable('order');
    }
  };
}

function requestKeyOf(viewerId: string, { sessionId, idempotencyKey: key }: BookSessionInput): RequestKey | undefined {
  if (key === null) return undefined;
  return { viewerId, operation: 'bookSession', key, requestHash: requestHash({ sessionId }) };
}

async function bookNew(
  env: Environment,
  attendeeId: string,
  { sessionId, operatorId }: BookSessionInput,
  request: RequestKey | undefined,
): Promise<BookSessionOutcome | 'again'> {
  const facts = await askAboutSeat(env, attendeeId, sessionId);
  if (facts.mayBuy && facts.liveBooking) return unlessFirst(env, request, new AlreadyBooked(facts.liveBooking));
  const session = judgeSession(attendeeId, sessionId, facts, env.clock.now());
  if (!('askedAt' in session)) return session;
  if (isFull(facts, session)) {
    if (!hasMoreSeats(facts, session)) return new SessionFull(sessionId);
    await learnSession(env, session);
    // Whoever has waited may have got a seat by that.
    const given = await findLiveBooking(env.fork, attendeeId, sessionId);
    if (given) return unlessFirst(env, request, new AlreadyBooked(given));
  }
  return write(env, { bookingId: env.newId(), attendeeId, session, request, operatorId });
}

/** What refuses a call may be the booking of one under the same key that was first after this one had looked for it. */
async function unlessFirst<T>(env: Environment, request: RequestKey | undefined, refusal: T): Promise<T | 'again'> {
  return request && (await isTaken(env.fork(), request, env.clock.now())) ? 'again' : refusal;
}

/** A first look without a lock: of a thousand who want the last seat, most need not queue for the row. */
function isFull({ seats }: SessionFacts, { capacity }: KnownSession): boolean {
  return capacity === 0 || (seats !== undefined && (seats.waiting > 0 || seats.taken >= capacity));
}

/** Seats that were not known yet are for those who wait; what is left then can be booked. */
function hasMoreSeats({ seats }: SessionFacts, { capacity }: KnownSession): boolean {
  return seats !== undefined && seats.waiting > 0 && capacity > seats.session.capacity;
}

async function write(env: Environment, wanted: Wanted): Promise<BookSessionOutcome | 'again'> {
  try {
    const booking = await retried(() => takeAndBook(env, wanted));
    if (booking) return { booking: detachedBooking(booking), replayed: false };
    return await unlessFirst(env, wanted.request, await explainNoSeat(env, wanted));
  } catch (error) {
    return explain(env, error, wanted);
  }
}

function takeAndBook(env: Environment, wanted: Wanted): Promise<SessionBooking | undefined> {
  const { bookingId, attendeeId, session, request, operatorId } = wanted;
  return env.fork().transactional(async (em) => {
    const checkAt = new Date(session.askedAt.getTime() + env.policies.sessionCheckMs);
    if (!(await takeSeat(em, session, checkAt))) return undefined;
    const by = actorFor(attendeeId, operatorId);
    const booking = book(env, em, { bookingId, attendeeId, session, by });
    if (request) rememberWith(em, request, booking.id, env.clock.now());
    return booking;
  });
}

/** Between the first look and the lock the last seat went, perhaps to the same attendee, or the session was cancelled. */
async function explainNoSeat(
  { fork }: Environment,
  { attendeeId, session: { id } }: Wanted,
): Promise<BookSessionOutcome> {
  const { seats, hasBooking } = await lookAtSeats(fork, id, attendeeId);
  const own = hasBooking ? await findLiveBooking(fork, attendeeId, id) : null;
  if (own) return new AlreadyBooked(own);
  return seats?.goneAt ? SessionUnavailable.cancelled(id) : new SessionFull(id);
}

/** What a failed write means: somebody was first, the answer was lost, or the database cannot take it now. */
async function explain(env: Environment, error: unknown, wanted: Wanted): Promise<BookSessionOutcome | 'again'> {
  const { bookingId, attendeeId, session, request } = wanted;
  const constraint = violatedConstraint(error);
  if (constraint) {
    if (request && (await isTaken(env.fork(), request, env.clock.now()))) return 'again';
    if (constraint !== 'session_bookings_live') throw error;
    const live = await findLiveBooking(env.fork, attendeeId, session.id);
    // One that is gone by now has just ended: the attendee may simply try again.
    return live ? new AlreadyBooked(live) : new ServiceUnavailable('order', 1);
  }
  if (!isConnectionError(error)) throw error;
  env.log.warn({ err: error, bookingId }, 'the answer to a booking was lost: looking it up');
  // While the database stays away nobody knows; who asks again with the same key learns what became of it.
  const booking = await env.fork().findOne(SessionBooking, bookingId);
  return booking ? { booking, replayed: false } : new ServiceUnavailable('order');
}
