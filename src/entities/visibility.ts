import type { Order } from './order.js';
import type { SessionBooking } from './session-booking.js';

/** Who wants to see or do something. */
export interface Actor {
  readonly userId: string;
  readonly isOperator: boolean;
}

const maySeeWhatIsOf = (actor: Actor | null, ownerId: string): boolean =>
  actor !== null && (actor.isOperator || actor.userId === ownerId);

/** The one rule of who sees an order: its buyer and operators. To everyone else it looks like a missing one. */
export function maySeeOrder(actor: Actor | null, order: Pick<Order, 'buyerId'>): boolean {
  return maySeeWhatIsOf(actor, order.buyerId);
}

/** The same of a booking: its attendee and operators. */
export function maySeeBooking(actor: Actor | null, booking: Pick<SessionBooking, 'attendeeId'>): boolean {
  return maySeeWhatIsOf(actor, booking.attendeeId);
}
