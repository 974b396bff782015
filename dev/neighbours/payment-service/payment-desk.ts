import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { validate as isUuid } from 'uuid';
import type { RazorpayResolve } from '../../../src/generated/payment_service.js';
import type { Log } from '../log.js';
import { enqueue } from '../store/outbox.js';
import { inTransaction } from '../store/transaction.js';
import { once } from './idempotency.js';
import { InBandError } from './in-band.js';
import { payableAmount } from './order-check.js';
import type { OrderLookup } from './order-lookup.js';
import type { Payment } from './payment.js';
import { endPayment, insertPayment, lockById, lockBySession, paymentMessage, selectPayments } from './payment.js';
import type { SessionRequest } from './provider-session.js';
import { openSession } from './provider-session.js';
import type { ProviderName } from './providers.js';
import { razorpaySignature } from './providers.js';

/** What the operations of the payment service work with. */
export interface PaymentDesk {
  readonly pool: Pool;
  readonly orders: OrderLookup;
  /** How long a payment stays pending, ms. */
  readonly lifeMs: number;
  /** Where the payment page is, without a slash at the end. */
  readonly pageUrl: string;
  readonly log: Log;
  /** Called after a commit that has put something into the outbox. */
  readonly wakeOutbox: () => void;
}

export interface PaymentRequest {
  readonly userId: string;
  readonly orderId: string;
  readonly idempotencyKey: string;
}

function notFound(what: string): InBandError {
  return new InBandError('NotFoundException', `${what} not found`);
}

/** Makes a pending payment for an order and lets `answer` finish the transaction (contract v1 opens a session there). */
export async function createPayment<T>(
  desk: PaymentDesk,
  request: PaymentRequest,
  answer: (client: PoolClient, payment: Payment) => Promise<{ payment: Payment; value: T }>,
): Promise<T> {
  const { userId, orderId, idempotencyKey } = request;
  const value = await once(desk, idempotencyKey, async () => {
    const order = await desk.orders.find(orderId, userId);
    const { amount, currency } = payableAmount(order);
    return async (client) => {
      const id = randomUUID();
      await insertPayment(client, { id, orderId, userId, amount, currency, lifeMs: desk.lifeMs });
      const answered = await answer(client, await existing(lockById(client, id)));
      await enqueue(client, [paymentMessage(answered.payment)]);
      return answered.value;
    };
  });
  desk.wakeOutbox();
  return value;
}

async function existing(payment: Promise<Payment | undefined>): Promise<Payment> {
  const found = await payment;
  if (!found) throw notFound('Payment');
  return found;
}

/**
 * Contract v2's second step. Tells payment.order.initiated.v1 again, now with the provider.
 * @throws InBandError when the payment is unknown, has ended or has another provider
 */
export async function createSession(desk: PaymentDesk, paymentId: string, request: SessionRequest): Promise<Payment> {
  if (!isUuid(paymentId)) throw notFound('Payment');
  const payment = await inTransaction(desk.pool, async (client) => {
    const locked = await existing(lockById(client, paymentId));
    const opened = { ...locked, session: await openSession(client, locked, request) };
    if (!locked.session) await enqueue(client, [paymentMessage(opened)]);
    return opened;
  });
  desk.wakeOutbox();
  return payment;
}

export interface Resolution {
  readonly provider: ProviderName;
  readonly sessionId: string;
  readonly razorpay?: RazorpayResolve;
}

/** Captures what the buyer has approved; a captured payment answers the same again. */
export async function resolvePayment(desk: PaymentDesk, key: string, resolution: Resolution) {
  const answer = await once(desk, key, async () => async (client) => {
    const payment = await lockSession(client, resolution.provider, resolution.sessionId);
    const resolved = await capture(client, payment, resolution.razorpay);
    return {
      status: resolved.session?.status ?? 'created',
      paymentId: resolved.id,
      isResolved: resolved.status === 'success',
      orderId: resolved.orderId,
    };
  });
  desk.wakeOutbox();
  return answer;
}

async function lockSession(client: PoolClient, provider: ProviderName, sessionId: string): Promise<Payment> {
  const payment = await existing(lockBySession(client, sessionId));
  if (payment.session?.provider !== provider) throw notFound('Payment');
  return payment;
}

async function capture(client: PoolClient, payment: Payment, razorpay: RazorpayResolve | undefined): Promise<Payment> {
  if (razorpay) requireRazorpayProof(payment, razorpay);
  const stillOpen = payment.status === 'pending' && payment.session?.status !== 'approved';
  if (payment.status === 'success' || stillOpen) return payment;
  return endPayment(client, payment, 'success');
}

function requireRazorpayProof(payment: Payment, proof: RazorpayResolve): void {
  const { razorpayOrderId, razorpayPaymentId, razorpaySignature: given } = proof;
  const expected = Buffer.from(razorpaySignature(razorpayOrderId, razorpayPaymentId));
  const signed = expected.length === Buffer.byteLength(given) && timingSafeEqual(expected, Buffer.from(given));
  if (!signed || payment.session?.providerPaymentId !== razorpayPaymentId) {
    throw new InBandError('BadRequestException', 'Invalid Razorpay payment signature');
  }
}

/** Abandons a pending payment. @throws InBandError when it is unknown or has ended */
export async function cancelPayment(desk: PaymentDesk, key: string, provider: ProviderName, sessionId: string) {
  const answer = await once(desk, key, async () => async (client) => {
    const payment = await endPayment(client, await lockSession(client, provider, sessionId), 'cancelled');
    return { status: payment.status, paymentId: payment.id, providerOrderId: sessionId };
  });
  desk.wakeOutbox();
  return answer;
}

/** @throws InBandError NotFoundException */
export async function getPayment(desk: PaymentDesk, paymentId: string): Promise<Payment> {
  if (!isUuid(paymentId)) throw notFound('Payment');
  const [payment] = await selectPayments(desk.pool, 'WHERE p.id = $1', [paymentId]);
  if (!payment) throw notFound('Payment');
  return payment;
}

const SWEEP_BATCH = 50;

/** Ends payments whose life is over, also those of an earlier process. Answers whether there may be more. */
export async function expirePayments(desk: PaymentDesk): Promise<boolean> {
  const expired = await inTransaction(desk.pool, async (client) => {
    const due = await selectPayments(
      client,
      `WHERE p.status = 'pending' AND p.expires_at <= now()
       ORDER BY p.expires_at LIMIT $1 FOR UPDATE OF p SKIP LOCKED`,
      [SWEEP_BATCH],
    );
    for (const payment of due) await endPayment(client, payment, 'expired');
    return due.length;
  });
  if (expired > 0) desk.wakeOutbox();
  return expired === SWEEP_BATCH;
}
