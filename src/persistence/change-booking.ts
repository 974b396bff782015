import { LockMode } from '@mikro-orm/core';
import type { Order } from '../entities/order.js';
import { SessionBooking } from '../entities/session-booking.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, retried, type OrderPart } from './change-order.js';
import type { EntityManager, Fork } from './orm.js';
import { lockSeats } from './seats.js';

const PARTS: readonly OrderPart[] = ['attempts', 'itemRows', 'claims'];

/**
 * Loads and locks a booking, with the order that pays for it and all its parts, lets `decide` change them, and writes them in
 * one transaction. Locks are taken in the order order, seats, booking, as everywhere.
 * @param visibleTo whose booking it must be
 * @returns what `decide` returned; undefined when there is no such booking
 */
export async function changeBooking<T>(
  fork: Fork,
  bookingId: string,
  decide: (booking: SessionBooking, order: Order | null, em: EntityManager) => T | Promise<T>,
  visibleTo?: Actor,
): Promise<T | undefined> {
  // A stranger's is not even looked at: it takes the same work as one that does not exist.
  const own = visibleTo && !visibleTo.isOperator ? { attendeeId: visibleTo.userId } : {};
  const found = await fork().findOne(SessionBooking, { id: bookingId, ...own });
  if (!found) return undefined;
  if (found.orderId !== null) {
    return changeOrder(fork, found.orderId, PARTS, async (order, em) =>
      decide(await em.findOneOrFail(SessionBooking, bookingId), order, em),
    );
  }
  return retried(() =>
    fork().transactional(async (em) => {
      await lockSeats(em, [found.sessionId]);
      const lock = { lockMode: LockMode.PESSIMISTIC_WRITE };
      return decide(await em.findOneOrFail(SessionBooking, bookingId, lock), null, em);
    }),
  );
}

/** A copy of a booking without its unit of work: safe to answer with. */
export function detachedBooking(booking: SessionBooking): SessionBooking {
  const { recorded, freesSeat, ...columns } = booking;
  return Object.assign(Object.create(SessionBooking.prototype) as SessionBooking, columns);
}
