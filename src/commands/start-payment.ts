import type { CheckoutProvider } from '../entities/enums.js';
import { OrderActionName } from '../entities/order-actions.js';
import { requestPayment } from '../entities/order-paying.js';
import { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import type { ProviderSession } from '../entities/provider-session.js';
import {
  AccountBlocked,
  NotFound,
  ServiceUnavailable,
  type IdempotencyConflict,
  type InvalidInput,
  type VersionConflict,
} from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { claimRequest, completeRequest, isTaken, requestHash, type RequestKey } from '../persistence/idempotency.js';
import type { EntityManager } from '../persistence/orm.js';
import { NeighbourDown } from '../platform/neighbours.js';
import { paymentTimes } from '../policies/policies.js';
import type { Environment } from './environment.js';
import { createPerformOnce } from './idempotent-call.js';
import { refusalOf } from './order-action.js';
import { callAndAttach, endOthers, type CallOutcome } from './payment-call.js';
import { InputCheck } from './validation.js';

export interface StartPaymentInput {
  readonly orderId: string;
  readonly provider: CheckoutProvider;
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
  readonly expectedVersion: number | null;
  readonly idempotencyKey: string | null;
}

export type StartPaymentOutcome = CallOutcome | InvalidInput | VersionConflict | IdempotencyConflict | AccountBlocked;

export type StartPayment = (actor: Actor, input: StartPaymentInput) => Promise<StartPaymentOutcome>;

/** What the first transaction decided. */
type Intent =
  /** An unanswered call of the same provider is repeated under its key. */
  | { readonly do: 'repeat'; readonly attemptId: string }
  /** `endFirst`: payments of other providers. With the intent live, their end does not fail the order. */
  | { readonly do: 'call'; readonly attemptId: string; readonly endFirst: readonly PaymentAttempt[] }
  | { readonly do: 'answer'; readonly answer: StartPaymentOutcome }
  /** Another call with the same key was first. */
  | { readonly do: 'again' };

const WAIT_SECONDS = 2;

/**
 * Starts a payment: the intent is committed, then the payment service called, then its answer attached. A process that
 * dies in between leaves an intent that the payment saga finishes under the same key.
 */
export function createStartPayment(env: Environment): StartPayment {
  const performOnce = createPerformOnce(env);
  return async (actor, input) => {
    const invalid = new InputCheck()
      .uuid(input.orderId, 'orderId')
      .url(input.successUrl, 'successUrl')
      .url(input.cancelUrl, 'cancelUrl')
      .idempotencyKey(input.idempotencyKey)
      .refusal();
    if (invalid) return invalid;
    const request = requestKeyOf(actor, input);
    try {
      return await performOnce<StartPaymentOutcome>({
        request,
        again: (attemptId) => answerAgain(env, input.orderId, attemptId),
        perform: () => start(env, actor, input, request),
        busy: () => new ServiceUnavailable('payment', WAIT_SECONDS),
      });
    } catch (error) {
      if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
      throw error;
    }
  };
}

async function start(
  env: Environment,
  actor: Actor,
  input: StartPaymentInput,
  request: RequestKey | undefined,
): Promise<StartPaymentOutcome | 'again'> {
  const user = await env.neighbours.users.findUser(actor.userId);
  if (!user || user.blocked) return new AccountBlocked();
  const intent = await commitIntent(env, actor, input, request);
  if (intent.do === 'answer') return intent.answer;
  if (intent.do === 'again') return 'again';
  const refusal = intent.do === 'call' && (await endOthers(env, input.orderId, intent, request));
  return refusal || callAndAttach(env, input.orderId, intent.attemptId, request);
}

function requestKeyOf(actor: Actor, input: StartPaymentInput): RequestKey | undefined {
  const { idempotencyKey: key, orderId, provider, successUrl, cancelUrl } = input;
  if (key === null) return undefined;
  return {
    viewerId: actor.userId,
    operation: 'startPayment',
    key,
    requestHash: requestHash({ orderId, provider, successUrl, cancelUrl }),
  };
}

/** The first transaction: may it be paid, is there a live attempt to answer again, else the intent and its saga. */
async function commitIntent(
  env: Environment,
  actor: Actor,
  input: StartPaymentInput,
  request: RequestKey | undefined,
): Promise<Intent> {
  const missing: Intent = { do: 'answer', answer: new NotFound(input.orderId) };
  const newId = env.newId();
  const intent = await changeOrder(
    env.fork,
    input.orderId,
    ['attempts'],
    async (order, em): Promise<Intent> => {
      const now = env.clock.now();
      if (request && (await isTaken(em, request, now))) return { do: 'again' };
      const wanted = { name: OrderActionName.PAY, actor, expectedVersion: input.expectedVersion, now };
      const refusal = await refusalOf(env, em, order, wanted);
      if (refusal) return { do: 'answer', answer: refusal };
      const live = order.attempts.getItems().filter((attempt) => attempt.isLive(now));
      const same = live.filter((one) => one.provider === input.provider);
      const [answered, unanswered] = [same.find(isAnswered), same.find((one) => !one.paymentId)];
      const others = live.filter((one) => one.paymentId && one !== answered);
      if (request && !(await claimRequest(em, request, now))) return { do: 'again' };
      if (answered) return { do: 'answer', answer: await again(em, order, answered, request) };
      // What an event made meanwhile may be this very payment: the answer of the call tells.
      if (unanswered) return { do: 'repeat', attemptId: unanswered.id };
      const returnUrls = { successUrl: input.successUrl, cancelUrl: input.cancelUrl };
      requestPayment(order, { id: newId, provider: input.provider, returnUrls }, now, paymentTimes(env.policies));
      return { do: 'call', attemptId: newId, endFirst: others };
    },
    { visibleTo: actor },
  );
  return intent ?? missing;
}

type AnsweredAttempt = PaymentAttempt & { readonly session: ProviderSession };

const isAnswered = (attempt: PaymentAttempt): attempt is AnsweredAttempt => attempt.session !== null;

async function again(em: EntityManager, order: Order, attempt: AnsweredAttempt, request: RequestKey | undefined) {
  if (request) await completeRequest(em, request, attempt.id);
  return { order: detached(order), payment: attempt, session: attempt.session, replayed: true };
}

async function answerAgain(env: Environment, orderId: string, attemptId: string): Promise<StartPaymentOutcome> {
  const order = await env.fork().findOneOrFail(Order, orderId, { populate: ['attempts'] });
  const payment = order.attempts.getItems().find(({ id }) => id === attemptId);
  if (!payment?.session) throw new Error(`the remembered payment attempt ${attemptId} is gone`);
  return { order: detached(order), payment, session: payment.session, replayed: true };
}
