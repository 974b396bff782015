import type { OrderItem } from '../entities/order-item.js';
import type { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import type { OrderData } from '../generated/order_service.js';

/** Above this a 32-bit float, which the platform's contract has for money, is not exact any more. */
const FLOAT_EXACT = 2n ** 24n;

/** The amount cannot travel in the platform's number format. */
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

/** The platform's form of an order: lower-case statuses, minor units in floats. @throws AmountTooLarge above 2^24 */
export function orderData(order: Order, items: readonly OrderItem[], attempts: readonly PaymentAttempt[]): OrderData {
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

function float(minor: bigint): number {
  if (minor > FLOAT_EXACT) throw new AmountTooLarge(`${minor} does not fit the platform's number format`);
  return Number(minor);
}

/** As the Python service wrote times: UTC with microseconds and an offset. */
function legacyTime(time: Date): string {
  return time.toISOString().replace('Z', '000+00:00');
}
