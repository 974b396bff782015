import { LockMode } from '@mikro-orm/core';
import { EventActor } from '../entities/enums.js';
import { OrderEventType } from '../entities/order-event.js';
import { NotFound, type InvalidInput, type AccountBlocked } from '../entities/refusals.js';
import { SagaNotStuck } from '../entities/saga-refusals.js';
import { stepOfRetry } from '../entities/saga-steps.js';
import { Saga, SagaKind } from '../entities/saga.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder } from '../persistence/change-order.js';
import type { Environment } from './environment.js';
import { InputCheck } from './validation.js';

export type RetrySagaOutcome = { readonly saga: Saga } | InvalidInput | NotFound | SagaNotStuck | AccountBlocked;

export type RetrySaga = (operator: Actor, sagaId: string) => Promise<RetrySagaOutcome>;

/** Lets a stuck saga run again at once; the timeline of its order names the operator. */
export function createRetrySaga(env: Environment): RetrySaga {
  return async (operator, sagaId) => {
    const invalid = new InputCheck().uuid(sagaId, 'sagaId').refusal();
    if (invalid) return invalid;
    const found = await env.fork().findOne(Saga, sagaId);
    if (!found) return new NotFound(sagaId);
    if (!found.stuckSince) return new SagaNotStuck(found);
    if (!found.orderId) return restartAlone(env, sagaId);
    const outcome = await changeOrder(env.fork, found.orderId, [], async (order, em) => {
      const saga = await em.findOne(Saga, sagaId);
      if (!saga) return undefined;
      if (!saga.stuckSince) return new SagaNotStuck(saga);
      const now = env.clock.now();
      restart(saga, now);
      order.record(OrderEventType.SAGA_RETRIED, { actor: EventActor.OPERATOR, byId: operator.userId }, now);
      return { saga };
    });
    return outcome ?? new NotFound(sagaId);
  };
}

/** The saga of a booking: there is no timeline that could tell it. */
async function restartAlone({ fork, clock }: Environment, sagaId: string): Promise<RetrySagaOutcome> {
  return fork().transactional(async (em) => {
    const saga = await em.findOne(Saga, sagaId, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!saga) return new NotFound(sagaId);
    if (!saga.stuckSince) return new SagaNotStuck(saga);
    restart(saga, clock.now());
    return { saga };
  });
}

function restart(saga: Saga, now: Date): void {
  saga.stuckSince = null;
  saga.dueAt = now;
  saga.failures = 0;
  // A delivery is announced again from its first repeat on.
  saga.attempts = saga.kind === SagaKind.PURCHASE ? 1 : 0;
  saga.step = stepOfRetry(saga.kind, saga.step);
}
