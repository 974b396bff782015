import type { PaymentFact } from '../order-payments.js';
import { SuspiciousPayment, SuspiciousPaymentStatus, type SuspicionReason } from './suspicious-payment.js';

/** Keeps a message about a payment for an operator instead of applying it. */
export function parkPayment(
  id: string,
  orderId: string,
  { kind, paymentId, provider, providerOrderId, occurredAt, claims }: PaymentFact,
  reasons: readonly SuspicionReason[],
  now: Date,
): SuspiciousPayment {
  return Object.assign(new SuspiciousPayment(), {
    id,
    orderId,
    kind,
    paymentId,
    provider,
    providerOrderId,
    claimedUserId: claims?.buyerId ?? null,
    claimedAmountMinor: claims?.amountMinor ?? null,
    claimedCurrency: claims?.currency ?? null,
    reasons: [...new Set(reasons)],
    status: SuspiciousPaymentStatus.OPEN,
    note: null,
    decidedById: null,
    decidedAt: null,
    occurredAt,
    receivedAt: now,
  });
}

/**
 * The message of a suspicious payment as it is applied once it was accepted. An amount in another currency cannot be
 * compared: whoever accepts it vouches for it.
 */
export function acceptedFact(parked: SuspiciousPayment, orderCurrency: string): PaymentFact {
  const { kind, paymentId, provider, providerOrderId, occurredAt, claimedAmountMinor, claimedCurrency } = parked;
  const isComparable = claimedAmountMinor !== null && (claimedCurrency ?? orderCurrency) === orderCurrency;
  return {
    kind,
    paymentId,
    provider,
    providerOrderId,
    occurredAt,
    claims: isComparable ? { amountMinor: claimedAmountMinor } : undefined,
  };
}
