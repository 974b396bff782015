import type { Config } from '../config.js';
import type { PaymentTimes } from '../entities/order-payments.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * `when-offered`: a capture is compared with GetPayment where the payment service implements it and answers in time;
 * `required`: it is parked until that comparison succeeds; `off`: the message alone counts.
 */
export type PaymentVerification = Config['PAYMENT_VERIFICATION'];

/** What a business changes without touching code. Times in ms. */
export interface Policies {
  /** Most courses in one order. */
  readonly cartLimit: number;
  /** How long an order stays payable after placing or restore. */
  readonly payableMs: number;
  /** How long a payment lives at the payment service. */
  readonly paymentLifeMs: number;
  /** How long news of a payment are awaited after its life. */
  readonly paymentGraceMs: number;
  /** True where the payment service reads amounts as 32-bit floats: a total that those cannot hold cannot be paid. */
  readonly paysInFloats: boolean;
  /** Whether captures of payments that were not started here are checked with the payment service. */
  readonly paymentVerification: PaymentVerification;
  /** How long after payment a buyer may ask for a refund. */
  readonly refundWindowMs: number;
  /** True: a buyer's refund inside the window needs no operator. */
  readonly refundsApprovedAtOnce: boolean;
  /** True: whoever asks for a refund cannot approve it, so that an operator's own request waits for another operator. */
  readonly refundFourEyes: boolean;
  /** How long the payment service may take to answer a refund before an operator is asked. */
  readonly refundSettlementMs: number;
  /** How long a seat is held for its order, from booking or from the notice to who was first in line. */
  readonly seatHoldMs: number;
  /** How long before its session a paid or free seat may be given up by its attendee. */
  readonly seatCancellationMs: number;
  /** How often the session service is asked about sessions that have bookings or a line. */
  readonly sessionCheckMs: number;
  /** After which waits a missing enrolment is asked for and announced again; then it is stuck. */
  readonly fulfilmentRetriesMs: readonly number[];
}

/** Both published contracts read the order by GetOrderById, whose amounts are floats. */
const FLOAT_CONTRACTS: ReadonlySet<Config['PAYMENT_CONTRACT']> = new Set(['v1', 'v2']);

/** The policies as configured. */
export function policiesOf(config: Config): Policies {
  return {
    cartLimit: config.CART_LIMIT,
    payableMs: config.ORDER_PAYABLE_MINUTES * MINUTE,
    paymentLifeMs: config.PAYMENT_LIFE_MINUTES * MINUTE,
    paymentGraceMs: config.PAYMENT_GRACE_MINUTES * MINUTE,
    paysInFloats: FLOAT_CONTRACTS.has(config.PAYMENT_CONTRACT),
    paymentVerification: config.PAYMENT_VERIFICATION,
    refundWindowMs: config.REFUND_WINDOW_DAYS * DAY,
    refundsApprovedAtOnce: config.REFUND_APPROVAL === 'automatic',
    refundFourEyes: config.REFUND_FOUR_EYES,
    refundSettlementMs: config.REFUND_SETTLEMENT_HOURS * HOUR,
    seatHoldMs: config.SESSION_HOLD_MINUTES * MINUTE,
    seatCancellationMs: config.SESSION_CANCELLATION_HOURS * HOUR,
    sessionCheckMs: config.SESSION_CHECK_SECONDS * 1_000,
    fulfilmentRetriesMs: config.FULFILMENT_RETRY_MINUTES.map((minutes) => minutes * MINUTE),
  };
}

/** How long payments live and are waited for. */
export function paymentTimes({ paymentLifeMs, paymentGraceMs }: Policies): PaymentTimes {
  return { lifeMs: paymentLifeMs, graceMs: paymentGraceMs };
}
