import type { CheckoutProvider } from './enums.js';
import type { PaymentTimes } from './order-payments.js';
import type { Order } from './order.js';
import { PaymentAttempt } from './payment-attempt.js';

/** An attempt that the payment service has not answered yet. */
export function newAttempt(
  order: Order,
  id: string,
  provider: CheckoutProvider | null,
  startedAt: Date,
  { lifeMs, graceMs }: PaymentTimes,
): PaymentAttempt {
  return Object.assign(new PaymentAttempt(), {
    id,
    order,
    revision: order.revision,
    paymentId: null,
    provider,
    providerOrderId: null,
    state: 'INTENT' as const,
    capture: null,
    firstSeenRestored: false,
    amountMinor: order.totalMinor,
    currency: order.currency,
    session: null,
    returnUrls: null,
    startedAt,
    expiresAt: new Date(startedAt.getTime() + lifeMs),
    deadline: new Date(startedAt.getTime() + lifeMs + graceMs),
    confirmedAt: null,
    updatedAt: startedAt,
  });
}
