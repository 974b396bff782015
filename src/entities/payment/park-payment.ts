import type { PaymentFact } from '../order-payments.js';
import type { Order } from '../order.js';
import type { PaymentClaims } from './payment-claims.js';
import { SuspiciousPayment, SuspiciousPaymentStatus, type SuspicionReason } from './suspicious-payment.js';

/** What the payment service itself answers about an amount. */
export interface ServiceAmount {
  readonly amountMinor?: bigint | undefined;
  readonly currency?: string | undefined;
}

/** A report about a payment that is not applied, with everything that a decision needs. */
export interface Parked {
  readonly id: string;
  readonly order: Order;
  readonly fact: PaymentFact;
  readonly answer?: ServiceAmount | undefined;
  readonly reasons: readonly SuspicionReason[];
  /** What the payment has to capture to complete its order at this time, minor units. */
  readonly expectedMinor: bigint;
}

/** Keeps a message about a payment for an operator instead of applying it. */
export function parkPayment({ id, order, fact, answer, reasons, expectedMinor }: Parked, now: Date): SuspiciousPayment {
  const { kind, paymentId, provider, providerOrderId, occurredAt, claims } = fact;
  return Object.assign(new SuspiciousPayment(), {
    id,
    orderId: order.id,
    kind,
    paymentId,
    provider,
    providerOrderId,
    claimedUserId: claims?.buyerId ?? null,
    claimedAmountMinor: claims?.amountMinor ?? null,
    claimedCurrency: claims?.currency ?? null,
    verifiedAmountMinor: answer?.amountMinor ?? null,
    verifiedCurrency: answer?.currency ?? null,
    expectedMinor,
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
 * The message of a suspicious payment as it is applied once it was accepted: with the amount that the payment service
 * answered, else the one that the message names, else what the order cost when the message came. An amount in another
 * currency cannot be compared: whoever accepts it vouches for the price of that time.
 */
export function acceptedFact(parked: SuspiciousPayment, orderCurrency: string): PaymentFact {
  const { kind, paymentId, provider, providerOrderId, occurredAt } = parked;
  const { verifiedAmountMinor, verifiedCurrency, claimedAmountMinor, claimedCurrency, expectedMinor } = parked;
  const comparable = (amount: bigint | null, currency: string | null) =>
    (currency ?? orderCurrency) === orderCurrency ? amount : null;
  const amountMinor =
    comparable(verifiedAmountMinor, verifiedCurrency) ??
    comparable(claimedAmountMinor, claimedCurrency) ??
    expectedMinor;
  const claims: PaymentClaims | undefined = amountMinor > 0n ? { amountMinor } : undefined;
  return { kind, paymentId, provider, providerOrderId, occurredAt, claims };
}
