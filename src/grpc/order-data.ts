import type { OrderItem } from '../entities/order-item.js';
import type { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import { isExactInFloat } from '../entities/payment/exact-amount.js';
import type { OrderData } from '../generated/order_service.js';

/** The amount cannot travel in the platform's number format, a 32-bit float: above 2^24 not every integer can. */
export class AmountTooLarge extends RangeError {
  override name = 'AmountTooLarge';
}

const PAYMENT_STATUS = {
  INTENT: 'pending',
  PENDING: 'pending',
  SUCCEEDED: 'success',
  FAILED: 'failed',
  CANCELLED: 'failed',
  EXPIRED: 'expired',
} as const;

/** How an amount becomes the platform's number. */
export type AmountForm = (minor: bigint) => number;

/** For what is paid by. @throws AmountTooLarge for an amount that would change on its way */
export const exactAmount: AmountForm = (minor) => {
  if (isExactInFloat(minor)) return Number(minor);
  throw new AmountTooLarge(`${minor} does not fit the platform's number format`);
};

/** For what is only shown: the nearest number there is. */
export const nearestAmount: AmountForm = (minor) => Math.fround(Number(minor));

/** The platform's form of an order: lower-case statuses, minor units in floats. */
export function orderData(
  order: Order,
  items: readonly OrderItem[],
  attempts: readonly PaymentAttempt[],
  float: AmountForm,
): OrderData {
  const payment = attempts.findLast(isStarted);
  return {
    id: order.id,
    userId: order.buyerId,
    amount: {
      total: float(order.totalMinor),
      currency: order.currency,
      discount: float(order.discountMinor),
      subTotal: float(order.subtotalMinor),
      salesTax: float(order.taxMinor),
    },
    status: order.status.toLowerCase(),
    createdAt: legacyTime(order.placedAt),
    updatedAt: legacyTime(order.updatedAt),
    items: items.map(({ productId, priceMinor }) => ({ courseId: productId, price: float(priceMinor) })),
    paymentDetails: payment && {
      paymentId: payment.paymentId,
      provider: payment.provider?.toLowerCase() ?? '',
      providerOrderId: payment.providerOrderId ?? undefined,
      paymentStatus: PAYMENT_STATUS[payment.state],
      updatedAt: legacyTime(payment.updatedAt),
    },
  };
}

const isStarted = (attempt: PaymentAttempt): attempt is PaymentAttempt & { readonly paymentId: string } =>
  attempt.paymentId !== null;

/** As the Python service wrote times: UTC with microseconds and an offset. */
export function legacyTime(time: Date): string {
  return time.toISOString().replace('Z', '000+00:00');
}
