import { takeIn, type InboxKey } from '../persistence/inbox.js';
import type { Environment } from './environment.js';
import { markSessionGone } from './end-session.js';

/** A session was cancelled. */
export interface CancelledSessionMessage {
  readonly sessionId: string;
  readonly inbox: InboxKey;
}

/** Takes in that sessions were cancelled: their bookings are ended by sagas. */
export async function recordCancelledSessions(
  env: Environment,
  messages: readonly CancelledSessionMessage[],
): Promise<string[]> {
  const now = env.clock.now();
  return env.fork().transactional(async (em) => {
    const inboxes = messages.map(({ inbox }) => inbox);
    const isNew = await takeIn(em, inboxes, now);
    const outcomes = messages.map(({ inbox }) => (isNew(inbox) ? 'applied' : 'repeated'));
    const cancelled = messages.flatMap(({ sessionId }, i) => (outcomes[i] === 'applied' ? sessionId : []));
    // In the order of ids, as everywhere, so that batches wait for each other instead of dying in a deadlock.
    for (const sessionId of [...new Set(cancelled)].sort()) await markSessionGone(em, sessionId, now);
    return outcomes;
  });
}
