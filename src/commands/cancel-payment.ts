import { v5 as uuidv5 } from 'uuid';
import { PaymentStatus } from '../entities/enums.js';
import { BlockedReason } from '../entities/order-actions.js';
import { recordPayment } from '../entities/order-payments.js';
import type { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import {
  ActionNotAllowed,
  NotFound,
  ServiceUnavailable,
  type InvalidInput,
  type AccountBlocked,
} from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { NeighbourDown, NeighbourRefused } from '../platform/neighbours.js';
import { paymentTimes } from '../policies/policies.js';
import type { Environment } from './environment.js';
import { InputCheck } from './validation.js';

export interface CancelPaymentInput {
  readonly orderId: string;
  readonly paymentId: string;
}

export type CancelPaymentOutcome =
  | { readonly order: Order; readonly payment: PaymentAttempt }
  | InvalidInput
  | NotFound
  | ActionNotAllowed
  | ServiceUnavailable
  | AccountBlocked;

export type CancelPayment = (actor: Actor, input: CancelPaymentInput) => Promise<CancelPaymentOutcome>;

type Found = { readonly order: Order; readonly payment: PaymentAttempt };

/** Abandons a payment attempt at the payment service. One that is abandoned already answers success again. */
export function createCancelPayment(env: Environment): CancelPayment {
  return async (actor, input) => {
    const invalid = new InputCheck()
      .uuid(input.orderId, 'orderId')
      .text(input.paymentId, 'paymentId', { max: 200 })
      .refusal();
    if (invalid) return invalid;
    const found = await find(env, actor, input);
    if (!found) return new NotFound(input.paymentId);
    if (found.payment.state === PaymentStatus.CANCELLED) return found;
    const blocked = whyNot(found, env.clock.now());
    if (blocked) return new ActionNotAllowed(blocked, found.order);
    try {
      const ended = await endAttempts(env, input.orderId, [found.payment]);
      const after = await find(env, actor, input);
      if (!after) return new NotFound(input.paymentId);
      return ended ? after : new ActionNotAllowed(BlockedReason.PAYMENT_IN_PROGRESS, after.order);
    } catch (error) {
      if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
      throw error;
    }
  };
}

async function find(
  env: Environment,
  actor: Actor,
  { orderId, paymentId }: CancelPaymentInput,
): Promise<Found | undefined> {
  return changeOrder(
    env.fork,
    orderId,
    ['attempts'],
    (order) => {
      const payment = order.attempts.getItems().find((attempt) => attempt.paymentId === paymentId);
      return payment && { order: detached(order), payment };
    },
    { visibleTo: actor },
  );
}

function whyNot({ payment }: Found, now: Date): BlockedReason | undefined {
  if (payment.state !== PaymentStatus.PENDING) return BlockedReason.WRONG_STATUS;
  return payment.confirmedAt && payment.isLive(now) ? BlockedReason.PAYMENT_IN_PROGRESS : undefined;
}

/**
 * Cancels attempts at the payment service and records that they ended. Its own event comes later and changes nothing more.
 * @returns false when the service would not end one, because it is being captured, or cannot tell its provider
 * @throws NeighbourDown when the service does not answer
 */
export async function endAttempts(
  env: Environment,
  orderId: string,
  attempts: readonly PaymentAttempt[],
): Promise<boolean> {
  for (const attempt of attempts) {
    const { paymentId } = attempt;
    const at = await placeOf(env, attempt);
    if (!paymentId || !at) {
      env.log.warn({ orderId, paymentId }, 'a payment cannot be cancelled: its provider is not known');
      return false;
    }
    try {
      await env.neighbours.payments.cancel({ ...at, key: uuidv5('cancel', attempt.id) });
    } catch (error) {
      if (!(error instanceof NeighbourRefused)) throw error;
      env.log.info({ orderId, paymentId, code: error.code }, 'the payment service would not cancel a payment');
      return false;
    }
    await changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], (order) => {
      const now = env.clock.now();
      const fact = { kind: 'cancelled' as const, paymentId, ...at, occurredAt: now };
      return recordPayment(order, fact, now, paymentTimes(env.policies));
    });
  }
  return true;
}

/** Where a payment is made. Of one that was started without us the events may not tell: the payment service does. */
async function placeOf(env: Environment, { provider, providerOrderId, paymentId }: PaymentAttempt) {
  if (provider && providerOrderId) return { provider, providerOrderId };
  const known = paymentId ? await env.neighbours.payments.find(paymentId) : undefined;
  return known?.provider && known.providerOrderId
    ? { provider: known.provider, providerOrderId: known.providerOrderId }
    : undefined;
}
