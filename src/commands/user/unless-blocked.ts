import { AccountBlocked } from '../../entities/refusals.js';
import type { Actor } from '../../entities/visibility.js';
import type { AccountGate } from './account-gate.js';

/** A command of a person, given by id or as an actor. */
type PersonalCommand<W extends string | Actor, A extends unknown[], O> = (who: W, ...input: A) => Promise<O>;

/** The operator who acts for the person, where the input names one. */
function operatorIn([input]: readonly unknown[]): string | undefined {
  const { operatorId } = (input ?? {}) as { operatorId?: unknown };
  return typeof operatorId === 'string' ? operatorId : undefined;
}

/** The same command, refused where the person is blocked, or the operator who acts for them. */
export function unlessBlocked<W extends string | Actor, A extends unknown[], O>(
  gate: Pick<AccountGate, 'mayAct'>,
  command: PersonalCommand<W, A, O>,
): PersonalCommand<W, A, O | AccountBlocked> {
  return async (who, ...input) => {
    const userId = typeof who === 'string' ? who : who.userId;
    const operatorId = operatorIn(input);
    const mayAct = (await gate.mayAct(userId)) && (operatorId === undefined || (await gate.mayAct(operatorId)));
    return mayAct ? command(who, ...input) : new AccountBlocked();
  };
}
