import { endAttempts } from '../commands/cancel-payment.js';
import type { Environment } from '../commands/environment.js';
import { decideLateMoney } from '../commands/decide-late-money.js';
import { callAndAttach } from '../commands/payment-call.js';
import { Order } from '../entities/order.js';
import { ServiceUnavailable } from '../entities/refusals.js';
import { PaymentStep } from '../entities/saga-steps.js';
import type { SagaHandler, SagaTask } from './saga-step.js';

/** What the payment saga looks at: the attempt it is about, if it still is there. */
export interface AttemptFacts {
  readonly state: string;
  readonly live: boolean;
}

export type PaymentSagaDecision = 'repeatCall' | 'cancel' | 'decideLateMoney' | 'finish';

/** Decides what a payment saga does now. Pure. */
export function decidePaymentStep(step: string, attempt: AttemptFacts | undefined): PaymentSagaDecision {
  if (step === PaymentStep.DECIDE_LATE_MONEY) return 'decideLateMoney';
  if (!attempt) return 'finish';
  if (step === PaymentStep.START) return attempt.state === 'INTENT' && attempt.live ? 'repeatCall' : 'finish';
  if (step === PaymentStep.CANCEL) return attempt.state === 'PENDING' ? 'cancel' : 'finish';
  return 'finish';
}

/** Calls to the payment service that must happen although a process died, and money that came late. */
export function createPaymentSaga(env: Environment): SagaHandler {
  return async (task) => {
    const { orderId, subjectId } = task;
    const attempt = await findAttempt(env, task);
    const facts = attempt && { state: attempt.state, live: attempt.isLive(env.clock.now()) };
    switch (decidePaymentStep(task.step, facts)) {
      case 'repeatCall':
        await repeatCall(env, orderId!, subjectId!);
        break;
      case 'cancel':
        // What the service will not cancel is being captured: its event tells the end.
        await endAttempts(env, orderId!, [attempt!]);
        break;
      case 'decideLateMoney':
        await decideLateMoney(env, orderId!, subjectId!);
        break;
      case 'finish':
        break;
    }
    return { do: 'finish' };
  };
}

async function repeatCall(env: Environment, orderId: string, attemptId: string): Promise<void> {
  const outcome = await callAndAttach(env, orderId, attemptId);
  // Another call under the same key is still running at the payment service: look again later.
  if (outcome instanceof ServiceUnavailable) throw new Error(outcome.message);
}

async function findAttempt(env: Environment, { orderId, subjectId }: SagaTask) {
  const order = await env.fork().findOne(Order, orderId!, { populate: ['attempts'] });
  return order?.attempts.getItems().find(({ id }) => id === subjectId);
}
