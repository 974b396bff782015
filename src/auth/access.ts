import type { Order } from '../entities/order.js';
import { maySeeOrder } from '../entities/visibility.js';
import type { Viewer } from './viewer.js';

/** The one gate in front of every order that is shown: GraphQL, references, subscriptions and gRPC pass here. */
export function visibleTo(viewer: Viewer | null, order: Order | null | undefined): Order | null {
  return order && maySeeOrder(viewer, order) ? order : null;
}

/** Whether a viewer may see what belongs to a user. */
export function maySeeUser(viewer: Viewer | null, userId: string): boolean {
  return viewer !== null && (viewer.isOperator || viewer.userId === userId);
}
