import type { BookingActor } from '../../entities/booking-life.js';
import { EventActor } from '../../entities/enums.js';

/** Who does something for a user: an operator on their behalf, or the user. */
export function actorFor(userId: string, operatorId: string | undefined): BookingActor {
  if (operatorId !== undefined && operatorId !== userId) return { actor: EventActor.OPERATOR, byId: operatorId };
  return { actor: EventActor.BUYER, byId: userId };
}
