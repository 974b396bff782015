import { inTransaction } from '../store/transaction.js';
import type { Payment } from '../payment-service/payment.js';
import { endPayment, lockBySession, selectPayments } from '../payment-service/payment.js';
import type { PaymentDesk } from '../payment-service/payment-desk.js';
import { newRazorpayPaymentId, razorpaySignature } from '../payment-service/providers.js';
import type { PoolClient } from 'pg';

export const ACTIONS = ['approve', 'decline', 'cancel', 'timeout'] as const;
export type PageAction = (typeof ACTIONS)[number];

const MOST_LISTED = 200;

/** What the page needs of the payment service. */
export type PageDesk = Pick<PaymentDesk, 'pool' | 'wakeOutbox'>;

/** The newest pending payments. */
export function openPayments({ pool }: PageDesk): Promise<Payment[]> {
  return selectPayments(pool, `WHERE p.status = 'pending' ORDER BY p.created_at DESC LIMIT $1`, [MOST_LISTED]);
}

export async function findBySession({ pool }: PageDesk, sessionId: string): Promise<Payment | undefined> {
  const [payment] = await selectPayments(pool, 'WHERE s.id = $1', [sessionId]);
  return payment;
}

export type ActionResult =
  { kind: 'done'; payment: Payment } | { kind: 'ended'; payment: Payment } | { kind: 'unknown' };

/** Does what the buyer does at the provider, together with the webhook that the provider would send. */
export async function act(desk: PageDesk, sessionId: string, action: PageAction): Promise<ActionResult> {
  const result = await inTransaction(desk.pool, async (client): Promise<ActionResult> => {
    const payment = await lockBySession(client, sessionId);
    if (!payment) return { kind: 'unknown' };
    if (payment.status !== 'pending') return { kind: 'ended', payment };
    return { kind: 'done', payment: await change(client, payment, action) };
  });
  desk.wakeOutbox();
  return result;
}

function change(client: PoolClient, payment: Payment, action: PageAction): Promise<Payment> {
  switch (action) {
    case 'approve':
      // Stripe captures at once; the others capture when the payment service is asked to resolve.
      return payment.session?.provider === 'stripe' ? endPayment(client, payment, 'success') : approve(client, payment);
    case 'decline':
      return endPayment(client, payment, 'failed');
    case 'cancel':
      return endPayment(client, payment, 'cancelled');
    case 'timeout':
      return endPayment(client, payment, 'expired');
  }
}

async function approve(client: PoolClient, payment: Payment): Promise<Payment> {
  const { session } = payment;
  if (!session || session.status === 'approved') return payment;
  const providerPaymentId = session.provider === 'razorpay' ? newRazorpayPaymentId() : null;
  await client.query(
    `UPDATE neighbours.provider_sessions SET status = 'approved', provider_payment_id = $2 WHERE id = $1`,
    [session.id, providerPaymentId],
  );
  return { ...payment, session: { ...session, status: 'approved', providerPaymentId } };
}

/** Razorpay's proof, which its checkout would hand to the shop's page; undefined before the approval. */
export function razorpayProof({ session }: Payment): { paymentId: string; signature: string } | undefined {
  const paymentId = session?.providerPaymentId;
  if (!session || !paymentId) return undefined;
  return { paymentId, signature: razorpaySignature(session.id, paymentId) };
}

/** The payment's status, or `approved` where the buyer has approved and the capture is still to come. */
export function shownStatus({ status, session }: Payment): string {
  return status === 'pending' && session?.status === 'approved' ? 'approved' : status;
}
