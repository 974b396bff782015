import type { KnownSession } from '../entities/session.js';
import { retried } from '../persistence/change-order.js';
import { rememberSession } from '../persistence/seats.js';
import type { Environment } from './environment.js';
import { promoteWaiting } from './promote-waiting.js';

/** Remembers what the session service has told; seats that are new go to those who wait, in the same transaction. */
export async function learnSession(env: Environment, session: KnownSession): Promise<void> {
  await retried(() =>
    env.fork().transactional(async (em) => promoteWaiting(env, em, await rememberSession(em, session))),
  );
}
