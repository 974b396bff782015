/** How a payment can end. */
export type PaymentEnd = 'succeeded' | 'failed' | 'cancelled' | 'expired';

/** The payment service's words for ends; `success` is its own for captured money, the others are usual elsewhere. */
const ENDS: ReadonlyMap<string, PaymentEnd> = new Map([
  ['success', 'succeeded'],
  ['succeeded', 'succeeded'],
  ['captured', 'succeeded'],
  ['completed', 'succeeded'],
  ['paid', 'succeeded'],
  ['failed', 'failed'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['expired', 'expired'],
]);
/** Its words for a payment that has not ended; a message may have been written before its payment's row was. */
const OPEN: ReadonlySet<string> = new Set(['pending', 'resolved']);
/** Its words for the end of a refund; true: the money went back. */
const REFUND_ENDS: ReadonlyMap<string, boolean> = new Map([
  ['refunded', true],
  ['success', true],
  ['succeeded', true],
  ['completed', true],
  ['failed', false],
]);

const plain = (status: string): string => status.trim().toLowerCase();

/** How a payment with this status has ended; undefined where it has not, or the word is not known. */
export const endOfPayment = (status: string): PaymentEnd | undefined => ENDS.get(plain(status));

/** Whether a payment with this status has not ended, as the payment service says it. */
export const isOpenPayment = (status: string): boolean => OPEN.has(plain(status));

/** Whether money of a refund with this status went back; undefined where the word is not known. */
export const isGivenBack = (status: string): boolean | undefined => REFUND_ENDS.get(plain(status));
