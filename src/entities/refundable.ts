import { RefundStatus } from './enums.js';
import type { OrderItem } from './order-item.js';
import type { OrderRefund } from './order-refund.js';
import type { PaymentAttempt } from './payment-attempt.js';

/** True while a refund may still give money back. */
export const isOpenRefund = ({ status }: Pick<OrderRefund, 'status'>): boolean =>
  status === RefundStatus.REQUESTED || status === RefundStatus.APPROVED;

/** True for a refund whose money is not the order's any more, or may soon not be. */
const isTaken = (refund: OrderRefund): boolean => isOpenRefund(refund) || refund.status === RefundStatus.SUCCEEDED;

/** The refund that an item is in, open or settled; rejected and failed ones do not count. */
export function refundOf(item: OrderItem, refunds: readonly OrderRefund[]): OrderRefund | undefined {
  return refunds.find((refund) => isTaken(refund) && refund.itemIds.includes(item.id));
}

/** What of a capture is in no refund that is open or settled, in minor units. */
export function leftToRefund({ paymentId, amountMinor }: PaymentAttempt, refunds: readonly OrderRefund[]): bigint {
  const taken = refunds.filter((refund) => refund.paymentId === paymentId && isTaken(refund));
  return taken.reduce((left, refund) => left - refund.amountMinor, amountMinor);
}
