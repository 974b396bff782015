import type { Pool, PoolClient } from 'pg';
import type { BusMessage } from '../../../src/messaging/bus/bus.js';
import {
  TOPIC_PAYMENT_FAILED,
  TOPIC_PAYMENT_INITIATED,
  TOPIC_PAYMENT_SUCCEEDED,
  TOPIC_PAYMENT_TIMEOUT,
  toMessage,
} from '../events.js';
import { enqueue } from '../store/outbox.js';
import { InBandError } from './in-band.js';
import type { ProviderName, SessionStatus } from './providers.js';

export type PaymentStatus = 'pending' | 'success' | 'failed' | 'cancelled' | 'expired';

export interface ProviderSession {
  /** The provider's name for it: Stripe's session id, Razorpay's or PayPal's order id. */
  readonly id: string;
  readonly provider: ProviderName;
  readonly status: SessionStatus;
  /** Minor units of `currency`, what the provider charges. */
  readonly amount: bigint;
  readonly currency: string;
  readonly successUrl: string | null;
  readonly cancelUrl: string | null;
  /** Razorpay's payment id, once the buyer has approved. */
  readonly providerPaymentId: string | null;
}

export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string;
  readonly status: PaymentStatus;
  /** Minor units of `currency`, the total of the order. */
  readonly amount: bigint;
  readonly currency: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly session: ProviderSession | undefined;
}

const SELECT = `
  SELECT p.id, p.order_id, p.user_id, p.status, p.amount, p.currency, p.created_at, p.updated_at,
         s.id AS session_id, s.provider, s.status AS session_status, s.amount AS session_amount,
         s.currency AS session_currency, s.success_url, s.cancel_url, s.provider_payment_id
  FROM neighbours.payments p LEFT JOIN neighbours.provider_sessions s ON s.payment_id = p.id`;

interface Row {
  id: string;
  order_id: string;
  user_id: string;
  status: PaymentStatus;
  amount: string;
  currency: string;
  created_at: Date;
  updated_at: Date;
  session_id: string | null;
  provider: ProviderName;
  session_status: SessionStatus;
  session_amount: string;
  session_currency: string;
  success_url: string | null;
  cancel_url: string | null;
  provider_payment_id: string | null;
}

function toSession(row: Row): ProviderSession | undefined {
  if (row.session_id === null) return undefined;
  return {
    id: row.session_id,
    provider: row.provider,
    status: row.session_status,
    amount: BigInt(row.session_amount),
    currency: row.session_currency,
    successUrl: row.success_url,
    cancelUrl: row.cancel_url,
    providerPaymentId: row.provider_payment_id,
  };
}

function toPayment(row: Row): Payment {
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    amount: BigInt(row.amount),
    currency: row.currency,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    session: toSession(row),
  };
}

/** The rest of a SELECT over payments `p` and their sessions `s`, with its values. */
export async function selectPayments(db: Pool | PoolClient, rest: string, values: unknown[]): Promise<Payment[]> {
  const { rows } = await db.query<Row>(`${SELECT} ${rest}`, values);
  return rows.map(toPayment);
}

/** @returns the payment of a provider's session, locked against other changes until the transaction ends */
export async function lockBySession(client: PoolClient, sessionId: string): Promise<Payment | undefined> {
  const [payment] = await selectPayments(client, 'WHERE s.id = $1 FOR UPDATE OF p', [sessionId]);
  return payment;
}

/** @returns the payment, locked against other changes until the transaction ends */
export async function lockById(client: PoolClient, paymentId: string): Promise<Payment | undefined> {
  const [payment] = await selectPayments(client, 'WHERE p.id = $1 FOR UPDATE OF p', [paymentId]);
  return payment;
}

export interface NewPayment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: bigint;
  readonly currency: string;
  readonly lifeMs: number;
}

export async function insertPayment(client: PoolClient, payment: NewPayment): Promise<void> {
  const { id, orderId, userId, amount, currency, lifeMs } = payment;
  await client.query(
    `INSERT INTO neighbours.payments (id, order_id, user_id, amount, currency, status, expires_at)
     VALUES ($1, $2, $3, $4, $5, 'pending', now() + $6 * interval '1 ms')`,
    [id, orderId, userId, amount, currency, lifeMs],
  );
}

type FinalStatus = Exclude<PaymentStatus, 'pending'>;

/**
 * Ends a locked payment and stores the event that tells it.
 * @throws InBandError DOMAIN_EXCEPTION when it has ended before
 */
export async function endPayment(client: PoolClient, payment: Payment, status: FinalStatus): Promise<Payment> {
  requirePending(payment);
  const sessionStatus: SessionStatus = status === 'success' ? 'captured' : 'failed';
  await client.query('UPDATE neighbours.payments SET status = $2, updated_at = now() WHERE id = $1', [
    payment.id,
    status,
  ]);
  await client.query('UPDATE neighbours.provider_sessions SET status = $2 WHERE payment_id = $1', [
    payment.id,
    sessionStatus,
  ]);
  const ended = { ...payment, status, session: payment.session && { ...payment.session, status: sessionStatus } };
  await enqueue(client, [paymentMessage(ended)]);
  return ended;
}

/** @throws InBandError DOMAIN_EXCEPTION when the payment has ended */
export function requirePending(payment: Payment): void {
  if (payment.status !== 'pending') {
    throw new InBandError('DOMAIN_EXCEPTION', `Payment ${payment.id} is ${payment.status}, not pending`);
  }
}

const EVENTS: Readonly<Record<PaymentStatus, { topic: string; eventType: string; source?: string }>> = {
  pending: { topic: TOPIC_PAYMENT_INITIATED, eventType: 'OrderPaymentInitiateEvent', source: 'payment-service' },
  success: { topic: TOPIC_PAYMENT_SUCCEEDED, eventType: 'OrderPaymentSuccessEvent', source: 'payment-service' },
  failed: { topic: TOPIC_PAYMENT_FAILED, eventType: 'OrderPaymentFailedEvent', source: 'payment-service' },
  // A cancelled payment is said as a failed one, and the platform's code forgets the source there.
  cancelled: { topic: TOPIC_PAYMENT_FAILED, eventType: 'OrderPaymentFailedEvent' },
  expired: { topic: TOPIC_PAYMENT_TIMEOUT, eventType: 'OrderPaymentTimeoutEvent', source: 'payment-service' },
};

/** The event that tells the payment's present status; provider fields are absent while there is no session. */
export function paymentMessage(payment: Omit<Payment, 'amount' | 'currency' | 'createdAt' | 'updatedAt'>): BusMessage {
  const payload = {
    paymentId: payment.id,
    orderId: payment.orderId,
    userId: payment.userId,
    provider: payment.session?.provider,
    providerOrderId: payment.session?.id,
    paymentStatus: payment.status,
  };
  return toMessage({ ...EVENTS[payment.status], key: payment.userId, payload });
}
