import type { PoolClient } from 'pg';
import { InBandError } from './in-band.js';
import type { Payment, ProviderSession } from './payment.js';
import { requirePending } from './payment.js';
import type { ProviderName } from './providers.js';
import { RAZORPAY_KEY_ID, STRIPE_PUBLIC_KEY, chargedAmount, newSessionId } from './providers.js';

export interface SessionRequest {
  readonly provider: ProviderName;
  readonly successUrl: string | undefined;
  readonly cancelUrl: string | undefined;
}

/**
 * The provider's session of a locked pending payment: a new one, or the one it has with that provider already.
 * @throws InBandError when the payment has ended or has a session with another provider
 */
export async function openSession(
  client: PoolClient,
  payment: Payment,
  request: SessionRequest,
): Promise<ProviderSession> {
  requirePending(payment);
  const { provider, successUrl = null, cancelUrl = null } = request;
  if (payment.session) {
    if (payment.session.provider === provider) return payment.session;
    throw new InBandError('BadRequestException', `Payment has a session with ${payment.session.provider}`);
  }
  const session: ProviderSession = {
    id: newSessionId(provider),
    provider,
    status: provider === 'razorpay' ? 'created' : 'pending_approval',
    ...chargedAmount(provider, payment.amount, payment.currency),
    successUrl,
    cancelUrl,
    providerPaymentId: null,
  };
  const { id, status, amount, currency } = session;
  await client.query(
    `INSERT INTO neighbours.provider_sessions
       (id, payment_id, provider, status, amount, currency, success_url, cancel_url)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, payment.id, provider, status, amount, currency, successUrl, cancelUrl],
  );
  return session;
}

/** The session as both contracts carry it; amounts as text, so that the answer can be remembered as JSON. */
export function toWireSession(session: ProviderSession, pageUrl: string) {
  const { id, currency } = session;
  const amount = session.amount.toString();
  const url = `${pageUrl}/pay/${id}`;
  switch (session.provider) {
    case 'stripe':
      return {
        $case: 'stripe',
        value: { sessionId: id, publicKey: STRIPE_PUBLIC_KEY, url, amount, currency },
      } as const;
    case 'razorpay':
      return { $case: 'razorpay', value: { orderId: id, keyId: RAZORPAY_KEY_ID, amount, currency } } as const;
    case 'paypal':
      return { $case: 'paypal', value: { orderId: id, approvalLink: url, amount, currency } } as const;
  }
}
