import { createBookSession, type BookSessionOutcome } from '../../src/commands/book-session.js';
import type { Environment } from '../../src/commands/environment.js';
import { SessionFull } from '../../src/entities/session-refusals.js';
import type { Wish } from './sessions.js';

/** The service's booking of a seat. It throws when there was none. */
export function bookingCommand(env: Environment): (wish: Wish) => Promise<void> {
  return calling(env, (outcome) => 'booking' in outcome);
}

/** The service's refusal where all seats are taken. It throws when there was one. */
export function refusingCommand(env: Environment): (wish: Wish) => Promise<void> {
  return calling(env, (outcome) => outcome instanceof SessionFull);
}

function calling(env: Environment, isWanted: (outcome: BookSessionOutcome) => boolean): (wish: Wish) => Promise<void> {
  const book = createBookSession(env);
  return async ({ attendeeId, session, key }) => {
    const outcome = await book(attendeeId, { sessionId: session.id, idempotencyKey: key });
    if (!isWanted(outcome)) throw new Error(`answered ${JSON.stringify(outcome)}`);
  };
}
