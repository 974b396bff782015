import type { OrderEvent } from '../order-event.js';
import type { OrderItem } from '../order-item.js';
import type { OrderRefund } from '../order-refund.js';
import type { PaymentAttempt } from '../payment-attempt.js';
import type { SessionBooking } from '../session-booking.js';

/** Parts of an order that were read in the statement that read the order: all are of one version of it. */
export interface OrderParts {
  /** The items of the present pricing, in the order of the cart. */
  readonly items: readonly OrderItem[];
  /** Oldest first; intents, which have no payment yet, too. */
  readonly attempts: readonly PaymentAttempt[];
  /** Oldest first. */
  readonly refunds: readonly OrderRefund[];
  /** Oldest first. */
  readonly events: readonly OrderEvent[];
  /** Oldest first; empty for an order of courses. */
  readonly bookings: readonly SessionBooking[];
}

export type OrderPartName = keyof OrderParts;
