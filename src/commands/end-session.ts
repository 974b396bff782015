import { BookingStep } from '../entities/saga-steps.js';
import type { EntityManager } from '../persistence/orm.js';
import { startBookingSagas } from '../persistence/booking-sagas.js';
import { markGone } from '../persistence/seats.js';
import { dissolveLine } from '../persistence/waitlist.js';

/**
 * A session was cancelled, or exists no more: from now on nobody can book it, nobody waits for it, and every live booking has
 * a saga that ends it. A session that nobody has booked is told by the session service alone.
 */
export async function markSessionGone(em: EntityManager, sessionId: string, now: Date): Promise<void> {
  const seats = await markGone(em, sessionId, now);
  if (!seats) return;
  await dissolveLine(em, sessionId);
  await startBookingSagas(em, sessionId, BookingStep.CANCEL, now);
}
