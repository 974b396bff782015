import type { Order } from '../order.js';
import type { PaymentAttempt } from '../payment-attempt.js';

/**
 * What an attempt has to capture to complete its order: the total of the pricing that it pays, whatever the payment service
 * charges. Needs the order's items for an attempt of an earlier pricing.
 * @param attempt undefined for a payment that nothing is known of yet: it pays the present pricing
 */
export function expectedTotal(order: Order, attempt: PaymentAttempt | undefined): bigint {
  if (!attempt || attempt.revision === order.revision) return order.totalMinor;
  const items = order.itemRows.isInitialized() ? order.itemRows.getItems() : [];
  const ofPricing = items.filter(({ revision }) => revision === attempt.revision);
  if (ofPricing.length === 0) return attempt.amountMinor;
  return ofPricing.reduce((sum, { priceMinor }) => sum + priceMinor, 0n);
}
