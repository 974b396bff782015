import { askForSession, hasStarted } from '../commands/session-facts.js';
import type { Environment } from '../commands/environment.js';
import { markSessionGone } from '../commands/end-session.js';
import { promoteWaiting } from '../commands/promote-waiting.js';
import { BookingStep } from '../entities/saga-steps.js';
import type { KnownSession } from '../entities/session.js';
import { Loop } from '../observability/loop.js';
import { startBookingSagas } from '../persistence/booking-sagas.js';
import { retried } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import { lockSeats, rememberSession, scheduleCheck, takeDueSessions, type Seats } from '../persistence/seats.js';
import { dissolveLine } from '../persistence/waitlist.js';
import { NeighbourDown } from '../platform/neighbours.js';

const POLL_MS = 1_000;
const BATCH = 20;
/** When a session is asked about again if the session service does not answer, or its asker has died. */
const AGAIN_MS = 30_000;

/** What is to be done about a session. */
export interface SessionDecision {
  /** The bookings: it is over, or there is nothing to do. */
  readonly bookings: 'complete' | 'keep';
  /** Those who wait: it is too late for them, or free seats are theirs. */
  readonly line: 'dissolve' | 'promote';
  /** When to look again; null: there is nothing to look after. */
  readonly checkAt: Date | null;
}

/** Decides about a session that the session service knows. Pure. @param everyMs how often it is asked */
export function decideSession({ session, taken, waiting, goneAt }: Seats, now: Date, everyMs: number): SessionDecision {
  const { endsAt } = session;
  const isOver = endsAt !== null && endsAt <= now;
  const hasBegun = goneAt !== null || hasStarted(session, now);
  const isIdle = taken === 0 && (waiting === 0 || hasBegun);
  const next = now.getTime() + everyMs;
  const checkAt = endsAt !== null && !isOver ? Math.min(next, endsAt.getTime()) : next;
  return {
    bookings: isOver && goneAt === null ? 'complete' : 'keep',
    line: hasBegun ? 'dissolve' : 'promote',
    checkAt: isIdle ? null : new Date(checkAt),
  };
}

/**
 * Asks the session service about sessions that have bookings or a line, by turns and shared with the other replicas: seats
 * that are new go to those who wait, the bookings of a session that is over or exists no more are ended.
 */
export class SessionWatch {
  readonly #env: Environment;
  readonly #loop: Loop;

  constructor(env: Environment) {
    this.#env = env;
    this.#loop = new Loop('sessions', POLL_MS, () => this.watchDue(), env.log);
  }

  start(): void {
    this.#loop.start();
  }

  isHealthy(): boolean {
    return this.#loop.isRunning();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Looks after the sessions whose turn it is. @returns true when there may be more */
  async watchDue(): Promise<boolean> {
    const now = this.#env.clock.now();
    const due = await takeDueSessions(this.#env.fork, now, new Date(now.getTime() + AGAIN_MS), BATCH);
    await Promise.all(due.map((sessionId) => this.#watch(sessionId)));
    return due.length === BATCH;
  }

  async #watch(sessionId: string): Promise<void> {
    try {
      const session = await askForSession(this.#env, sessionId);
      await retried(() => this.#env.fork().transactional((em) => this.#follow(em, sessionId, session)));
    } catch (error) {
      if (!(error instanceof NeighbourDown)) throw error;
      this.#env.log.warn({ sessionId, service: error.service }, 'a session could not be asked about');
    }
  }

  async #follow(em: EntityManager, sessionId: string, session: KnownSession | undefined): Promise<void> {
    const { clock, policies } = this.#env;
    const now = clock.now();
    if (session) await rememberSession(em, session);
    else await markSessionGone(em, sessionId, now);
    const [seats] = await lockSeats(em, [sessionId]);
    if (!seats) return;
    const { bookings, line, checkAt } = decideSession(seats, now, policies.sessionCheckMs);
    if (bookings === 'complete') await startBookingSagas(em, sessionId, BookingStep.COMPLETE, now);
    if (line === 'dissolve') await dissolveLine(em, sessionId);
    else await promoteWaiting(this.#env, em, seats);
    await scheduleCheck(em, sessionId, checkAt);
  }
}
