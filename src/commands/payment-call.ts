import { v5 as uuidv5 } from 'uuid';
import { PaymentStatus } from '../entities/enums.js';
import { BlockedReason } from '../entities/order-actions.js';
import { attachPayment, refuseIntent } from '../entities/order-paying.js';
import { cancelAtService } from '../entities/payment/payment-effects.js';
import { isPayable, OrderStatus } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import { expectedTotal } from '../entities/payment/expected-total.js';
import type { ProviderSession } from '../entities/provider-session.js';
import { ActionNotAllowed, NotFound, PaymentRefused, ServiceUnavailable } from '../entities/refusals.js';
import { PaymentStep } from '../entities/saga-steps.js';
import { Saga } from '../entities/saga.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { completeRequest, type RequestKey } from '../persistence/idempotency.js';
import { NeighbourDown, NeighbourRefused, type StartedPayment } from '../platform/neighbours.js';
import { paymentTimes } from '../policies/policies.js';
import { endAttempts } from './cancel-payment.js';
import type { Environment } from './environment.js';
import { letGo } from './idempotent-call.js';

/** A payment that can be made now. */
export interface PaymentStarted {
  readonly order: Order;
  readonly payment: PaymentAttempt;
  readonly session: ProviderSession;
  /** True when it was started before. */
  readonly replayed: boolean;
}

export type CallOutcome = PaymentStarted | NotFound | ActionNotAllowed | PaymentRefused | ServiceUnavailable;

/** The payment service keeps what it read of an order this long, in seconds: an amount that differs is its old one. */
const STALE_SECONDS = 600;
const WAIT_SECONDS = 2;

/** Another provider's payment ends before a new one starts. @returns the refusal where it cannot be ended */
export async function endOthers(
  env: Environment,
  orderId: string,
  { attemptId, endFirst }: { readonly attemptId: string; readonly endFirst: readonly PaymentAttempt[] },
  request: RequestKey | undefined,
): Promise<CallOutcome | undefined> {
  try {
    if (await endAttempts(env, orderId, endFirst)) return undefined;
  } catch (error) {
    if (request) await letGo(env, request);
    throw error;
  }
  if (request) await letGo(env, request);
  const order = await withdraw(env, orderId, attemptId);
  return order ? new ActionNotAllowed(BlockedReason.PAYMENT_IN_PROGRESS, order) : new NotFound(orderId);
}

/** The call and the second transaction; also what the payment saga repeats. */
export async function callAndAttach(
  env: Environment,
  orderId: string,
  attemptId: string,
  request?: RequestKey,
): Promise<CallOutcome> {
  try {
    const started = await callPaymentService(env, orderId, attemptId);
    return await attach(env, orderId, attemptId, started, request);
  } catch (error) {
    if (request) await letGo(env, request);
    if (error instanceof NeighbourRefused) return refuse(env, orderId, attemptId, error);
    throw error;
  }
}

/** A started payment, with its amount in the order's currency where the provider's session is in another one. */
type PricedPayment = StartedPayment & { readonly amountMinor?: bigint | undefined };

async function callPaymentService(env: Environment, orderId: string, attemptId: string): Promise<PricedPayment> {
  const order = await env.fork().findOneOrFail(Order, orderId, { populate: ['attempts'] });
  const attempt = order.attempts.getItems().find(({ id }) => id === attemptId);
  if (!attempt?.provider) throw new Error(`payment intent ${attemptId} is gone`);
  const { provider, returnUrls } = attempt;
  const started = await env.neighbours.payments.start({
    orderId,
    buyerId: order.buyerId,
    provider,
    returnUrls,
    key: uuidv5('start', attemptId),
  });
  if (started.session.currency === order.currency) return started;
  return { ...started, amountMinor: await amountOf(env, started.paymentId, order.currency) };
}

/** What the payment service has stored of a payment; undefined where it does not tell, or tells another currency. */
async function amountOf(env: Environment, paymentId: string, currency: string): Promise<bigint | undefined> {
  try {
    const known = await env.neighbours.payments.find(paymentId);
    return known?.currency === currency ? known.amountMinor : undefined;
  } catch (error) {
    if (!(error instanceof NeighbourDown)) throw error;
    return undefined;
  }
}

async function attach(
  env: Environment,
  orderId: string,
  attemptId: string,
  started: PricedPayment,
  request: RequestKey | undefined,
): Promise<CallOutcome> {
  const answer = await changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const now = env.clock.now();
    const known = order.attempts
      .getItems()
      .find(({ id, paymentId }) => id === attemptId || paymentId === started.paymentId);
    if (!known) throw new Error(`payment intent ${attemptId} is gone`);
    const intent = order.attempts.getItems().find(({ id }) => id === attemptId) ?? known;
    const payment = attachPayment(order, intent, started, now, paymentTimes(env.policies));
    await em.nativeDelete(Saga, { orderId, subjectId: attemptId, step: PaymentStep.START });
    const refusal = lookAgain(order, payment, started);
    if (refusal instanceof ServiceUnavailable) cancelAtService(order, payment, now);
    if (request && !refusal) await completeRequest(em, request, payment.id);
    return refusal ?? { order: detached(order), payment, session: started.session, replayed: false };
  });
  if (!answer) throw new Error(`order ${orderId} is gone`);
  if (request && !('session' in answer)) await letGo(env, request);
  return answer;
}

/** Between intent and answer the order may have ended, or been repriced behind the payment service's cache. */
function lookAgain(order: Order, payment: PaymentAttempt, started: PricedPayment): CallOutcome | undefined {
  const paid = payment.state === PaymentStatus.SUCCEEDED && order.status === OrderStatus.SUCCEEDED;
  if (paid) return undefined;
  if (!isPayable(order.status)) return new ActionNotAllowed(BlockedReason.WRONG_STATUS, detached(order));
  const charged = chargedBy(order, started);
  if (charged === undefined || charged === expectedTotal(order, payment)) return undefined;
  // Nobody may pay by this session, and a capture all the same is one of the stale amount.
  payment.session = null;
  payment.amountMinor = charged;
  return new ServiceUnavailable('payment', STALE_SECONDS);
}

/** What the provider charges in the order's currency; undefined where that is not known. */
function chargedBy({ currency }: Order, { session, amountMinor }: PricedPayment): bigint | undefined {
  return session.currency === currency ? BigInt(session.amount) : amountMinor;
}

async function refuse(
  env: Environment,
  orderId: string,
  attemptId: string,
  error: NeighbourRefused,
): Promise<CallOutcome> {
  if (error.code === 'IDEMPOTENCY_EXCEPTION') return new ServiceUnavailable('payment', WAIT_SECONDS);
  env.log.warn({ orderId, code: error.code }, 'the payment service refused a payment');
  const order = await withdraw(env, orderId, attemptId);
  return order ? new PaymentRefused(order) : new NotFound(orderId);
}

/** Ends an intent that will not become a payment, with its saga. */
async function withdraw(env: Environment, orderId: string, attemptId: string): Promise<Order | undefined> {
  return changeOrder(env.fork, orderId, ['attempts'], async (order, em) => {
    const intent = order.attempts.getItems().find(({ id }) => id === attemptId);
    if (intent?.state === 'INTENT') refuseIntent(order, intent, env.clock.now());
    await em.nativeDelete(Saga, { orderId, subjectId: attemptId, step: PaymentStep.START });
    return detached(order);
  });
}
