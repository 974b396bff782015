/**
 * What a message about a payment says beyond its ids. The platform's own events say at most the user; contract v2 may add
 * amount and currency. What is absent is normal, what is present must agree with the order.
 */
export interface PaymentClaims {
  /** The user who paid, in lower case. */
  readonly buyerId?: string;
  /** Minor units. */
  readonly amountMinor?: bigint;
  /** Three letters, in upper case. */
  readonly currency?: string;
  /** A status that a captured payment cannot have, in a message that reports a capture. */
  readonly contradictingStatus?: string;
}
