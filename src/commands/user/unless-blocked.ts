import { AccountBlocked } from '../../entities/refusals.js';
import type { Actor } from '../../entities/visibility.js';
import type { AccountGate } from './account-gate.js';

/** A command of a person, given by id or as an actor. */
type PersonalCommand<W extends string | Actor, A extends unknown[], O> = (who: W, ...input: A) => Promise<O>;

/** The same command, refused where the person is blocked. */
export function unlessBlocked<W extends string | Actor, A extends unknown[], O>(
  gate: Pick<AccountGate, 'mayAct'>,
  command: PersonalCommand<W, A, O>,
): PersonalCommand<W, A, O | AccountBlocked> {
  return async (who, ...input) => {
    const userId = typeof who === 'string' ? who : who.userId;
    return (await gate.mayAct(userId)) ? command(who, ...input) : new AccountBlocked();
  };
}
