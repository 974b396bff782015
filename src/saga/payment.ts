import { v5 as uuidv5 } from 'uuid';
import { endAttempts } from '../commands/cancel-payment.js';
import type { Environment } from '../commands/environment.js';
import { decideLateMoney } from '../commands/decide-late-money.js';
import { callAndAttach } from '../commands/payment-call.js';
import { applyOrParkPayment } from '../commands/payment/apply-payment.js';
import { compareWithService, withAnswer } from '../commands/payment/verify-payments.js';
import { verifyParkedPayment } from '../commands/payment/verify-parked-payment.js';
import { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import { SuspiciousPayment } from '../entities/payment/suspicious-payment.js';
import { ServiceUnavailable } from '../entities/refusals.js';
import { PaymentStep } from '../entities/saga-steps.js';
import { changeOrder } from '../persistence/change-order.js';
import type { Next, SagaHandler, SagaTask } from './saga-step.js';

/** What the payment saga looks at: the attempt it is about, if it still is there. */
export interface AttemptFacts {
  readonly state: string;
  readonly live: boolean;
  /** How long the result has been awaited, ms; null when the buyer has not finished. */
  readonly awaitedMs: number | null;
}

export type PaymentSagaDecision =
  'repeatCall' | 'cancel' | 'decideLateMoney' | 'askResult' | 'askLastTime' | 'verify' | 'finish';

const ASK_EVERY_MS = 60_000;
const ASK_FOR_MS = 60 * 60_000;
const VERIFY_AGAIN_MS = 5_000;
const LONGEST_VERIFY_PAUSE_MS = 5 * 60_000;
/** About a day. Afterwards the suspicious payment waits for an operator. */
const MOST_VERIFICATIONS = 300;

/** Decides what a payment saga does now. Pure. */
export function decidePaymentStep(step: string, attempt: AttemptFacts | undefined): PaymentSagaDecision {
  if (step === PaymentStep.VERIFY) return 'verify';
  if (step === PaymentStep.DECIDE_LATE_MONEY) return 'decideLateMoney';
  if (!attempt) return 'finish';
  if (step === PaymentStep.START) return attempt.state === 'INTENT' && attempt.live ? 'repeatCall' : 'finish';
  if (step === PaymentStep.CANCEL)
    return attempt.state === 'PENDING' || attempt.state === 'EXPIRED' ? 'cancel' : 'finish';
  // One that was presumed dead is asked about as well: its money may have been taken.
  const isOpen = attempt.state === 'PENDING' || attempt.state === 'EXPIRED';
  if (step !== PaymentStep.ASK_RESULT || !isOpen || attempt.awaitedMs === null) return 'finish';
  return attempt.awaitedMs < ASK_FOR_MS ? 'askResult' : 'askLastTime';
}

/** Calls to the payment service that must happen although a process died, and money that came late. */
export function createPaymentSaga(env: Environment): SagaHandler {
  return async (task) => {
    const attempt = await findAttempt(env, task);
    const now = env.clock.now();
    const awaitedMs = attempt?.confirmedAt ? now.getTime() - attempt.confirmedAt.getTime() : null;
    const facts = attempt && { state: attempt.state, live: attempt.isLive(now), awaitedMs };
    return perform(env, decidePaymentStep(task.step, facts), task, attempt);
  };
}

async function perform(
  env: Environment,
  decision: PaymentSagaDecision,
  { orderId, subjectId, attempts }: SagaTask,
  attempt: PaymentAttempt | undefined,
): Promise<Next> {
  if (!orderId || !subjectId || decision === 'finish') return { do: 'finish' };
  if ((decision === 'askResult' || decision === 'askLastTime') && attempt) {
    if (await learnResult(env, orderId, attempt)) return { do: 'finish' };
    if (decision === 'askLastTime') return { do: 'stick', because: 'the payment service tells no result' };
    return { do: 'wait', until: new Date(env.clock.now().getTime() + ASK_EVERY_MS) };
  }
  if (decision === 'verify') return verify(env, subjectId, attempts);
  if (decision === 'repeatCall') await repeatCall(env, orderId, subjectId);
  // What the service will not cancel is being captured: its event tells the end.
  if (decision === 'cancel' && attempt) await endAttempts(env, orderId, [attempt]);
  if (decision === 'decideLateMoney') await decideLateMoney(env, orderId, subjectId);
  return { do: 'finish' };
}

/** Asks about a suspicious payment: at first often, then every five minutes for a day, as long as the answer may change. */
async function verify(env: Environment, suspiciousPaymentId: string, attempts: number): Promise<Next> {
  const result = await verifyParkedPayment(env, suspiciousPaymentId);
  if (result !== 'askAgain' || attempts >= MOST_VERIFICATIONS) return { do: 'finish' };
  const wait = Math.min(VERIFY_AGAIN_MS * 2 ** attempts, LONGEST_VERIFY_PAUSE_MS);
  return { do: 'wait', until: new Date(env.clock.now().getTime() + wait) };
}

async function repeatCall(env: Environment, orderId: string, attemptId: string): Promise<void> {
  const outcome = await callAndAttach(env, orderId, attemptId);
  // Another call under the same key is still running at the payment service: look again later.
  if (outcome instanceof ServiceUnavailable) throw new Error(outcome.message);
}

/** The event of a finished payment may be lost on its way: the payment service is asked for its end. */
async function learnResult(env: Environment, orderId: string, { id, paymentId }: PaymentAttempt): Promise<boolean> {
  const known = paymentId ? await env.neighbours.payments.find(paymentId) : undefined;
  if (!paymentId || !known?.end) return false;
  const { end: kind, provider, providerOrderId } = known;
  await changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const said = { kind, paymentId, provider, providerOrderId, occurredAt: env.clock.now() };
    const fact = kind === 'succeeded' ? withAnswer(said, known) : said;
    const suspicions = kind === 'succeeded' ? compareWithService({ orderId, fact }, known) : [];
    const parkedId = uuidv5('result', id);
    // The saga may run again: what is parked stays as it is.
    if (await em.findOne(SuspiciousPayment, parkedId)) return;
    applyOrParkPayment(env, em, order, { fact, suspicions, answer: known }, parkedId);
  });
  return true;
}

async function findAttempt(env: Environment, { orderId, subjectId }: SagaTask): Promise<PaymentAttempt | undefined> {
  if (!orderId) return undefined;
  const order = await env.fork().findOne(Order, orderId, { populate: ['attempts'] });
  return order?.attempts.getItems().find(({ id }) => id === subjectId);
}
