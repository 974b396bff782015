import { EventActor } from '../entities/enums.js';
import type { Money } from '../entities/money.js';
import { checkFloatAmounts } from '../entities/payment/amount-errors.js';
import { isCurrency } from '../entities/shared/currency.js';
import type { SeatsFreed } from '../persistence/booking-recorder.js';
import type { EntityManager } from '../persistence/orm.js';
import { freeSeats, takeMoreSeats, type Seats } from '../persistence/seats.js';
import { takeFirstInLine } from '../persistence/waitlist.js';
import { book, type SeatTerms } from './seat-order.js';
import { hasStarted } from './session-facts.js';

/** Told with a promotion: nobody's call answers it. */
const NOTICES = { free: 'SEAT_GIVEN', priced: 'SEAT_OFFERED' } as const;
const BY_LINE = { actor: EventActor.SYSTEM, byId: null };

/** Counts seats that were given back and gives them to those who wait, in the transaction that gave them back. */
export function createSeatsFreed(terms: SeatTerms): SeatsFreed {
  return async (em, freed) => {
    // In the order of ids, as everywhere, so that callers wait for each other instead of dying in a deadlock.
    for (const sessionId of [...freed.keys()].sort()) {
      await promoteWaiting(terms, em, await freeSeats(em, sessionId, freed.get(sessionId) ?? 0));
    }
  };
}

/**
 * Gives the free seats of a session to those who came first: a free one is confirmed, a priced one held by an order. The seats
 * must be locked.
 */
export async function promoteWaiting(terms: SeatTerms, em: EntityManager, seats: Seats): Promise<void> {
  const { session, taken, waiting, goneAt } = seats;
  const free = Math.min(session.capacity - taken, waiting);
  if (free <= 0 || goneAt || hasStarted(session, terms.clock.now()) || !isPayable(terms, session.price)) return;
  const first = await takeFirstInLine(em, session.id, free);
  await takeMoreSeats(em, session.id, first.length);
  for (const attendeeId of first) {
    book(terms, em, { bookingId: terms.newId(), attendeeId, session, by: BY_LINE, notices: NOTICES });
  }
}

/** False for a price that nobody could pay: a seat held for it would only expire, and the next one's too. */
function isPayable({ policies }: SeatTerms, price: Money): boolean {
  if (!isCurrency(price.currency)) return false;
  return !policies.paysInFloats || checkFloatAmounts([{ listPrice: price, price }]) === undefined;
}
