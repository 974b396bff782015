import { RefundReason } from './enums.js';
import { OrderStatus } from './order-status.js';

/** What the payment service said about one attempt. */
export type PaymentFactKind = 'initiated' | 'succeeded' | 'failed' | 'cancelled' | 'expired';

/** What a decision depends on beside the order's status and the fact. */
export interface PaymentSituation {
  /** Initiated: no other attempt of the order is live. */
  readonly onlyAttempt: boolean;
  /** Succeeded: no accepted or undecided capture stands on the order yet. */
  readonly firstCapture: boolean;
  /** Another attempt may still succeed. */
  readonly liveLeft: boolean;
  /** The attempt is of an earlier pricing than the present one. */
  readonly oldAttempt: boolean;
  /** At least a minute is left to pay. */
  readonly timeLeft: boolean;
  /** The order holds the seat that it is about; true for courses. */
  readonly seatHeld: boolean;
  /** Succeeded: less was captured than the attempt was to pay. It never completes an order. */
  readonly underpaid?: boolean;
}

/** What a fact about a payment does to its order. */
export type PaymentDecision =
  /** Nothing but the attempt changes. */
  | { readonly do: 'keep' }
  /** The order is being paid. `cancelOlder`: other live attempts are to end. */
  | { readonly do: 'process'; readonly cancelOlder: boolean }
  /** The attempt cannot be of use any more: cancel it at the payment service. */
  | { readonly do: 'cancelAttempt' }
  /** The order is paid by this attempt. */
  | { readonly do: 'complete' }
  /** There is no seat to be paid any more: the order ends, the money goes back. */
  | { readonly do: 'seatGone' }
  /** The money came on a closed order: a saga decides whether it still can be delivered. */
  | { readonly do: 'decideLater' }
  /** The money is one too many: give it back. */
  | { readonly do: 'giveBack'; readonly because?: RefundReason }
  /** The last attempt failed. */
  | { readonly do: 'fail' }
  /** The order is to be paid again while there is time. */
  | { readonly do: 'backToPayable' }
  /** No attempt and no time is left. */
  | { readonly do: 'expire' };

type Rule = (situation: PaymentSituation) => PaymentDecision;

const keep: Rule = () => ({ do: 'keep' });
const cancelAttempt: Rule = () => ({ do: 'cancelAttempt' });
const giveBack: Rule = () => ({ do: 'giveBack' });
const process: Rule = ({ onlyAttempt }) => ({ do: 'process', cancelOlder: !onlyAttempt });
const underpayment = { do: 'giveBack', because: RefundReason.UNDERPAID } as const;
const complete: Rule = ({ firstCapture, seatHeld, underpaid }) => {
  if (!firstCapture) return { do: 'giveBack' };
  if (underpaid) return underpayment;
  return seatHeld ? { do: 'complete' } : { do: 'seatGone' };
};
const decideLater: Rule = ({ firstCapture, underpaid }) => {
  if (!firstCapture) return { do: 'giveBack' };
  return underpaid ? underpayment : { do: 'decideLater' };
};
const timeOut: Rule = ({ liveLeft, timeLeft }) => {
  if (liveLeft) return { do: 'keep' };
  return timeLeft ? { do: 'backToPayable' } : { do: 'expire' };
};
/** An old attempt never fails a restored order. */
const failPending: Rule = ({ liveLeft, oldAttempt }) => (liveLeft || oldAttempt ? { do: 'keep' } : { do: 'fail' });
const failProcessing: Rule = (situation) => {
  if (situation.liveLeft) return { do: 'keep' };
  return situation.oldAttempt ? timeOut(situation) : { do: 'fail' };
};

const pending = {
  initiated: process,
  succeeded: complete,
  failed: failPending,
  cancelled: failPending,
  expired: timeOut,
};
const processing = { ...pending, failed: failProcessing, cancelled: failProcessing };
const closed = { initiated: cancelAttempt, succeeded: decideLater, failed: keep, cancelled: keep, expired: keep };
const paid = { ...closed, succeeded: giveBack };

/** The decision table for payment events: order status × fact → what happens to the order (docs/payment-events.md). */
export const paymentRules: Readonly<Record<OrderStatus, Readonly<Record<PaymentFactKind, Rule>>>> = {
  [OrderStatus.CREATED]: pending,
  [OrderStatus.PENDING_PAYMENT]: pending,
  [OrderStatus.PROCESSING]: processing,
  [OrderStatus.SUCCEEDED]: paid,
  [OrderStatus.FAILED]: closed,
  [OrderStatus.CANCELLED]: closed,
  [OrderStatus.EXPIRED]: closed,
  [OrderStatus.REFUNDED]: paid,
};

/** Decides what a fact that raised its attempt means for the order. Pure. */
export function decidePayment(
  status: OrderStatus,
  fact: PaymentFactKind,
  situation: PaymentSituation,
): PaymentDecision {
  return paymentRules[status][fact](situation);
}
