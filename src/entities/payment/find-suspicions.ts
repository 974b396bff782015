import { PaymentStatus } from '../enums.js';
import { findAttempt, type PaymentFact } from '../order-payments.js';
import type { Order } from '../order.js';
import { expectedTotal } from './expected-total.js';
import { SuspicionReason } from './suspicious-payment.js';

/**
 * Compares what a message says about a payment with its order. What the message leaves out is not compared: the platform's
 * events carry no amount and no currency. An amount above the total is no suspicion, the difference goes back. Pure; needs
 * the order's attempts and items.
 * @returns the reasons not to apply the message, none for one that agrees
 */
export function findSuspicions(order: Order, { kind, paymentId, claims }: PaymentFact): SuspicionReason[] {
  if (!claims) return [];
  const { buyerId, amountMinor, currency, contradictingStatus } = claims;
  const attempt = findAttempt(order, paymentId);
  const sameCurrency = currency === undefined || currency === (attempt?.currency ?? order.currency);
  const isCapture = kind === 'succeeded' && amountMinor !== undefined;
  const isCaptured = attempt?.state === PaymentStatus.SUCCEEDED;
  const isTooLow = isCapture && !isCaptured && amountMinor < expectedTotal(order, attempt);
  // The same payment reports another amount than the one that was captured before.
  const differs = isCapture && isCaptured && amountMinor !== attempt.amountMinor;
  return [
    ...(buyerId !== undefined && buyerId !== order.buyerId ? [SuspicionReason.ANOTHER_BUYER] : []),
    ...(sameCurrency ? [] : [SuspicionReason.ANOTHER_CURRENCY]),
    ...(isTooLow ? [SuspicionReason.AMOUNT_TOO_LOW] : []),
    ...(differs ? [SuspicionReason.AMOUNT_DIFFERS] : []),
    ...(contradictingStatus !== undefined ? [SuspicionReason.STATUS_DIFFERS] : []),
  ];
}
