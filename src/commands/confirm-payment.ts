import { v5 as uuidv5 } from 'uuid';
import { CheckoutProvider, PaymentStatus } from '../entities/enums.js';
import { BlockedReason } from '../entities/order-actions.js';
import { confirmAttempt, unconfirmAttempt } from '../entities/order-paying.js';
import { findAttempt } from '../entities/order-payments.js';
import { isPayable } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import {
  ActionNotAllowed,
  InvalidField,
  InvalidInput,
  NotFound,
  PaymentRefused,
  ServiceUnavailable,
  type IdempotencyConflict,
  type AccountBlocked,
} from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { claimRequest, completeRequest, isTaken, requestHash, type RequestKey } from '../persistence/idempotency.js';
import { NeighbourDown, NeighbourRefused, type PaymentGateway } from '../platform/neighbours.js';
import type { Environment } from './environment.js';
import { createPerformOnce, letGo } from './idempotent-call.js';
import { InputCheck } from './validation.js';

export interface ConfirmPaymentInput {
  readonly orderId: string;
  readonly paymentId: string;
  readonly razorpay: { readonly paymentId: string; readonly signature: string } | null;
  readonly idempotencyKey: string | null;
}

/** What the payment service is told. */
type ResolveCall = Parameters<PaymentGateway['resolve']>[0];

type Confirmed = { readonly order: Order; readonly payment: PaymentAttempt; readonly replayed: boolean };

export type ConfirmPaymentOutcome =
  | Confirmed
  | InvalidInput
  | NotFound
  | ActionNotAllowed
  | IdempotencyConflict
  | PaymentRefused
  | ServiceUnavailable
  | AccountBlocked;

export type ConfirmPayment = (actor: Actor, input: ConfirmPaymentInput) => Promise<ConfirmPaymentOutcome>;

const WAIT_SECONDS = 2;

/**
 * Tells the payment service that the buyer has finished (PayPal's capture, Razorpay's proof). Only the event that follows
 * completes the order; until then the order can be neither cancelled nor paid another way.
 */
export function createConfirmPayment(env: Environment): ConfirmPayment {
  const performOnce = createPerformOnce(env);
  return async (actor, input) => {
    const invalid = new InputCheck()
      .uuid(input.orderId, 'orderId')
      .text(input.paymentId, 'paymentId', { max: 200 })
      .text(input.razorpay?.paymentId ?? null, 'razorpay.paymentId', { max: 200 })
      .text(input.razorpay?.signature ?? null, 'razorpay.signature', { max: 500 })
      .idempotencyKey(input.idempotencyKey)
      .refusal();
    if (invalid) return invalid;
    const request = requestKeyOf(actor, input);
    return performOnce<ConfirmPaymentOutcome>({
      request,
      again: () => answerAgain(env, input),
      perform: async () => {
        const begun = await begin(env, actor, input, request);
        return begun !== 'again' && 'call' in begun ? resolve(env, input, begun.call, request) : begun;
      },
      busy: () => new ServiceUnavailable('payment', WAIT_SECONDS),
    });
  };
}

function requestKeyOf(
  actor: Actor,
  { orderId, paymentId, razorpay, idempotencyKey: key }: ConfirmPaymentInput,
): RequestKey | undefined {
  if (key === null) return undefined;
  return {
    viewerId: actor.userId,
    operation: 'confirmPayment',
    key,
    requestHash: requestHash({ orderId, paymentId, razorpay }),
  };
}

/** Marks the attempt as finished by the buyer, before the payment service is told. */
async function begin(
  env: Environment,
  actor: Actor,
  input: ConfirmPaymentInput,
  request: RequestKey | undefined,
): Promise<ConfirmPaymentOutcome | { readonly call: ResolveCall } | 'again'> {
  const begun = await changeOrder(
    env.fork,
    input.orderId,
    ['attempts'],
    async (order, em) => {
      const now = env.clock.now();
      const payment = findAttempt(order, input.paymentId);
      if (!payment) return undefined;
      if (order.buyerId !== actor.userId) return new ActionNotAllowed(BlockedReason.NOT_OWNER, detached(order));
      if (request && (await isTaken(em, request, now))) return 'again' as const;
      const refusal = refusalOf(order, payment, input, now);
      if (refusal) return refusal;
      if (payment.state === PaymentStatus.SUCCEEDED) return { order: detached(order), payment, replayed: true };
      if (request && !(await claimRequest(em, request, now))) return 'again' as const;
      if (!payment.confirmedAt) confirmAttempt(order, payment, now);
      return { call: callOf(payment, input) };
    },
    { visibleTo: actor },
  );
  return begun ?? new NotFound(input.paymentId);
}

async function answerAgain(env: Environment, { orderId, paymentId }: ConfirmPaymentInput): Promise<Confirmed> {
  const order = await env.fork().findOneOrFail(Order, orderId, { populate: ['attempts'] });
  const payment = findAttempt(order, paymentId);
  if (!payment) throw new Error(`the remembered payment ${paymentId} is gone`);
  return { order: detached(order), payment, replayed: true };
}

function refusalOf(order: Order, payment: PaymentAttempt, input: ConfirmPaymentInput, now: Date) {
  if (payment.provider === CheckoutProvider.RAZORPAY && !input.razorpay) {
    return new InvalidInput([new InvalidField('razorpay', 'is needed for a Razorpay payment')]);
  }
  if (payment.state === PaymentStatus.SUCCEEDED) return undefined;
  const payable = isPayable(order.status) && payment.isLive(now) && payment.provider && payment.providerOrderId;
  return payable ? undefined : new ActionNotAllowed(BlockedReason.WRONG_STATUS, detached(order));
}

function callOf(
  { id, provider, providerOrderId, confirmedAt }: PaymentAttempt,
  { razorpay }: ConfirmPaymentInput,
): ResolveCall {
  if (!provider || !providerOrderId || !confirmedAt)
    throw new Error(`payment attempt ${id} is not ready to be confirmed`);
  // A refused confirmation is remembered by the service under its key: the next one needs another.
  return { provider, providerOrderId, razorpay, key: uuidv5(`resolve:${confirmedAt.toISOString()}`, id) };
}

async function resolve(
  env: Environment,
  input: ConfirmPaymentInput,
  call: ResolveCall,
  request: RequestKey | undefined,
): Promise<ConfirmPaymentOutcome> {
  try {
    await env.neighbours.payments.resolve(call);
  } catch (error) {
    if (request) await letGo(env, request);
    if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
    if (!(error instanceof NeighbourRefused)) throw error;
    if (error.code === 'IDEMPOTENCY_EXCEPTION') return new ServiceUnavailable('payment', WAIT_SECONDS);
    return refused(env, input);
  }
  const confirmed = await changeOrder(env.fork, input.orderId, ['attempts'], async (order, em) => {
    const payment = findAttempt(order, input.paymentId);
    if (!payment) throw new Error(`payment ${input.paymentId} is gone`);
    if (request) await completeRequest(em, request, payment.id);
    return { order: detached(order), payment, replayed: false };
  });
  return confirmed ?? new NotFound(input.orderId);
}

async function refused(env: Environment, input: ConfirmPaymentInput): Promise<ConfirmPaymentOutcome> {
  const order = await changeOrder(env.fork, input.orderId, ['attempts'], (one) => {
    const payment = findAttempt(one, input.paymentId);
    if (payment) unconfirmAttempt(payment, env.clock.now());
    return detached(one);
  });
  return order ? new PaymentRefused(order) : new NotFound(input.orderId);
}
