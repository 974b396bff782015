import { LIVE_STATUSES } from '../entities/booking-status.js';
import { Saga, SagaKind } from '../entities/saga.js';
import type { EntityManager } from './orm.js';

/**
 * Lets a saga begin for every live booking of a session, once: one statement, however many there are. The seats must be
 * locked, so that no booking is made meanwhile. The bookings' orders are not named: that would lock them after the seats.
 */
export async function startBookingSagas(em: EntityManager, sessionId: string, step: string, now: Date): Promise<void> {
  await em.execute(
    `insert into sagas (id, kind, booking_id, step, due_at, attempts, failures, created_at)
     select gen_random_uuid(), ?, booking.id, ?, ?::timestamptz, 0, 0, ?::timestamptz
     from session_bookings booking where booking.session_id = ? and booking.status in (?)
       and not exists (select 1 from sagas saga where saga.booking_id = booking.id and saga.step = ?)`,
    [SagaKind.SESSION_BOOKING, step, now, now, sessionId, [...LIVE_STATUSES], step],
  );
}

/** A booking that has ended needs no saga any more, not even one that was stuck. */
export async function endBookingSagas(em: EntityManager, bookingId: string): Promise<void> {
  await em.nativeDelete(Saga, { kind: SagaKind.SESSION_BOOKING, bookingId });
}
