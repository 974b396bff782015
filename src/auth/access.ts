import type { Order } from '../entities/order.js';
import type { SessionBooking } from '../entities/session-booking.js';
import { maySeeBooking, maySeeOrder } from '../entities/visibility.js';
import type { Viewer } from './viewer.js';

/** The one gate in front of every order that is shown: GraphQL, references, subscriptions and gRPC pass here. */
export function visibleTo(viewer: Viewer | null, order: Order | null | undefined): Order | null {
  return order && maySeeOrder(viewer, order) ? order : null;
}

/** The same gate in front of every booking. */
export function visibleBooking(
  viewer: Viewer | null,
  booking: SessionBooking | null | undefined,
): SessionBooking | null {
  return booking && maySeeBooking(viewer, booking) ? booking : null;
}

/** Whether a viewer may see what belongs to a user. */
export function maySeeUser(viewer: Viewer | null, userId: string): boolean {
  return viewer !== null && (viewer.isOperator || viewer.userId === userId);
}
