import { v5 as uuidv5 } from 'uuid';
import { PaymentStatus, type CheckoutProvider } from '../entities/enums.js';
import { blockedReason, BlockedReason, OrderActionName } from '../entities/order-actions.js';
import { attachPayment, refuseIntent, requestPayment } from '../entities/order-paying.js';
import { cancelAtService } from '../entities/order-payments.js';
import { isPayable, OrderStatus } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import type { ProviderSession } from '../entities/provider-session.js';
import {
  AccountBlocked,
  ActionNotAllowed,
  IdempotencyConflict,
  NotFound,
  PaymentRefused,
  ServiceUnavailable,
  VersionConflict,
  type InvalidInput,
} from '../entities/refusals.js';
import { PaymentStep } from '../entities/saga-steps.js';
import { Saga } from '../entities/saga.js';
import { maySeeOrder, type Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { claimRequest, completeRequest, requestHash, type RequestKey } from '../persistence/idempotency.js';
import type { EntityManager } from '../persistence/orm.js';
import { NeighbourDown, NeighbourRefused, type StartedPayment } from '../platform/neighbours.js';
import { paymentTimes } from '../policies/policies.js';
import { endAttempts } from './cancel-payment.js';
import type { Environment } from './environment.js';
import { letGo, waitForEarlierCall } from './idempotent-call.js';
import { InputCheck } from './validation.js';

export interface StartPaymentInput {
  readonly orderId: string;
  readonly provider: CheckoutProvider;
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
  readonly expectedVersion: number | null;
  readonly idempotencyKey: string | null;
}

export interface PaymentStarted {
  readonly order: Order;
  readonly payment: PaymentAttempt;
  readonly session: ProviderSession;
  readonly replayed: boolean;
}

export type StartPaymentOutcome =
  | PaymentStarted
  | InvalidInput
  | NotFound
  | ActionNotAllowed
  | VersionConflict
  | IdempotencyConflict
  | PaymentRefused
  | AccountBlocked
  | ServiceUnavailable;

export type StartPayment = (actor: Actor, input: StartPaymentInput) => Promise<StartPaymentOutcome>;

/** What the first transaction decided. */
type Intent =
  | { readonly do: 'call'; readonly attemptId: string }
  | { readonly do: 'answer'; readonly answer: StartPaymentOutcome }
  | { readonly do: 'endFirst'; readonly attempts: readonly PaymentAttempt[] }
  | { readonly do: 'wait' };

/** The payment service keeps what it read of an order this long, in seconds: an amount that differs is its old one. */
const STALE_SECONDS = 600;
const WAIT_SECONDS = 2;
const ROUNDS = 4;

/**
 * Starts a payment: the intent is committed, then the payment service called, then its answer attached. A process that
 * dies in between leaves an intent that the payment saga finishes under the same key.
 */
export function createStartPayment(env: Environment): StartPayment {
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
      const user = await env.neighbours.users.findUser(actor.userId);
      if (!user || user.blocked) return new AccountBlocked();
      return await startOnce(env, actor, input, request);
    } catch (error) {
      if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
      throw error;
    }
  };
}

async function startOnce(
  env: Environment,
  actor: Actor,
  input: StartPaymentInput,
  request: RequestKey | undefined,
): Promise<StartPaymentOutcome> {
  for (let round = 1; round <= ROUNDS; round++) {
    const earlier = request && (await waitForEarlierCall(env, request));
    if (earlier?.is === 'other') return new IdempotencyConflict(request!.key);
    if (earlier?.is === 'running') return new ServiceUnavailable('payment', WAIT_SECONDS);
    if (earlier?.is === 'done') return answerAgain(env, input.orderId, earlier.result);
    const intent = await commitIntent(env, actor, input, request);
    if (intent.do === 'answer') return intent.answer;
    if (intent.do === 'call') return callAndAttach(env, input.orderId, intent.attemptId, request);
    if (intent.do === 'endFirst' && !(await endAttempts(env, input.orderId, intent.attempts))) {
      const order = await env.fork().findOneOrFail(Order, input.orderId);
      return new ActionNotAllowed(BlockedReason.PAYMENT_IN_PROGRESS, detached(order));
    }
  }
  return new ServiceUnavailable('payment', WAIT_SECONDS);
}

function requestKeyOf(actor: Actor, input: StartPaymentInput): RequestKey | undefined {
  const { idempotencyKey: key, orderId, provider, successUrl, cancelUrl } = input;
  if (key === null) return undefined;
  return { viewerId: actor.userId, operation: 'startPayment', key, requestHash: requestHash({ orderId, provider, successUrl, cancelUrl }) };
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
  const intent = await changeOrder(env.fork, input.orderId, ['attempts'], async (order, em): Promise<Intent> => {
    if (!maySeeOrder(actor, order)) return missing;
    const now = env.clock.now();
    const refusal = refusalOf(env, actor, input, order, now);
    if (refusal) return { do: 'answer', answer: refusal };
    const live = order.attempts.getItems().filter((attempt) => attempt.isLive(now));
    const others = live.filter((one) => one.paymentId && (one.provider !== input.provider || !one.session));
    if (others.length > 0) return { do: 'endFirst', attempts: others };
    const same = live.find((one) => one.provider === input.provider);
    if (request && !(await claimRequest(em, request, now))) return { do: 'wait' };
    if (same?.session) return { do: 'answer', answer: await again(em, order, same, request) };
    if (same) return { do: 'call', attemptId: same.id };
    const returnUrls = { successUrl: input.successUrl, cancelUrl: input.cancelUrl };
    requestPayment(order, { id: newId, provider: input.provider, returnUrls }, now, paymentTimes(env.policies));
    return { do: 'call', attemptId: newId };
  });
  return intent ?? missing;
}

function refusalOf(env: Environment, actor: Actor, input: StartPaymentInput, order: Order, now: Date) {
  if (input.expectedVersion !== null && input.expectedVersion !== order.version) return new VersionConflict(detached(order));
  const blocked = blockedReason(OrderActionName.PAY, order, {
    isOwner: order.buyerId === actor.userId,
    isOperator: actor.isOperator,
    attempts: order.attempts.getItems(),
    refunds: [],
    refundWindowMs: env.policies.refundWindowMs,
    now,
  });
  return blocked ? new ActionNotAllowed(blocked, detached(order)) : undefined;
}

async function again(em: EntityManager, order: Order, attempt: PaymentAttempt, request: RequestKey | undefined) {
  if (request) await completeRequest(em, request, attempt.id);
  return { order: detached(order), payment: attempt, session: attempt.session!, replayed: true };
}

async function answerAgain(env: Environment, orderId: string, attemptId: string): Promise<StartPaymentOutcome> {
  const order = await env.fork().findOneOrFail(Order, orderId, { populate: ['attempts'] });
  const payment = order.attempts.getItems().find(({ id }) => id === attemptId);
  if (!payment?.session) throw new Error(`the remembered payment attempt ${attemptId} is gone`);
  return { order: detached(order), payment, session: payment.session, replayed: true };
}

/** The call and the second transaction; also what the payment saga repeats. */
export async function callAndAttach(
  env: Environment,
  orderId: string,
  attemptId: string,
  request?: RequestKey,
): Promise<StartPaymentOutcome> {
  try {
    const started = await callPaymentService(env, orderId, attemptId);
    return await attach(env, orderId, attemptId, started, request);
  } catch (error) {
    if (request) await letGo(env, request);
    if (error instanceof NeighbourRefused) return refuse(env, orderId, attemptId, error);
    throw error;
  }
}

async function callPaymentService(env: Environment, orderId: string, attemptId: string): Promise<StartedPayment> {
  const order = await env.fork().findOneOrFail(Order, orderId, { populate: ['attempts'] });
  const attempt = order.attempts.getItems().find(({ id }) => id === attemptId);
  if (!attempt?.provider) throw new Error(`payment intent ${attemptId} is gone`);
  const { provider, returnUrls } = attempt;
  return env.neighbours.payments.start({ orderId, buyerId: order.buyerId, provider, returnUrls, key: uuidv5('start', attemptId) });
}

async function attach(
  env: Environment,
  orderId: string,
  attemptId: string,
  started: StartedPayment,
  request: RequestKey | undefined,
): Promise<StartPaymentOutcome> {
  const answer = await changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const now = env.clock.now();
    const known = order.attempts.getItems().find(({ id, paymentId }) => id === attemptId || paymentId === started.paymentId);
    if (!known) throw new Error(`payment intent ${attemptId} is gone`);
    const intent = order.attempts.getItems().find(({ id }) => id === attemptId) ?? known;
    const payment = attachPayment(order, intent, started, now, paymentTimes(env.policies));
    await em.nativeDelete(Saga, { orderId, subjectId: attemptId, step: PaymentStep.START });
    const refusal = lookAgain(order, payment, started.session);
    if (refusal instanceof ServiceUnavailable) cancelAtService(order, payment, now);
    if (request && !refusal) await completeRequest(em, request, payment.id);
    return refusal ?? { order: detached(order), payment, session: started.session, replayed: false };
  });
  if (!answer) throw new Error(`order ${orderId} is gone`);
  if (request && !('session' in answer)) await letGo(env, request);
  return answer;
}

/** Between intent and answer the order may have ended, or been repriced behind the payment service's cache. */
function lookAgain(order: Order, payment: PaymentAttempt, session: ProviderSession): StartPaymentOutcome | undefined {
  const paid = payment.state === PaymentStatus.SUCCEEDED && order.status === OrderStatus.SUCCEEDED;
  if (paid) return undefined;
  if (!isPayable(order.status)) return new ActionNotAllowed(BlockedReason.WRONG_STATUS, detached(order));
  const differs = session.currency === order.currency && BigInt(session.amount) !== payment.amountMinor;
  return differs ? new ServiceUnavailable('payment', STALE_SECONDS) : undefined;
}

async function refuse(env: Environment, orderId: string, attemptId: string, error: NeighbourRefused): Promise<StartPaymentOutcome> {
  if (error.code === 'IDEMPOTENCY_EXCEPTION') return new ServiceUnavailable('payment', WAIT_SECONDS);
  env.log.warn({ orderId, code: error.code }, 'the payment service refused a payment');
  const order = await changeOrder(env.fork, orderId, ['attempts'], async (one, em) => {
    const intent = one.attempts.getItems().find(({ id }) => id === attemptId);
    if (intent?.state === 'INTENT') refuseIntent(one, intent, env.clock.now());
    await em.nativeDelete(Saga, { orderId, subjectId: attemptId, step: PaymentStep.START });
    return detached(one);
  });
  return order ? new PaymentRefused(order) : new NotFound(orderId);
}
