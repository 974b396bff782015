import type { Environment } from '../commands/environment.js';
import { giveSeatBack } from '../commands/give-seat-back.js';
import { completeBooking } from '../entities/booking-life.js';
import { isLiveBooking, SessionBookingStatus } from '../entities/booking-status.js';
import { EventActor, OrderStatusReason } from '../entities/enums.js';
import { BookingStep } from '../entities/saga-steps.js';
import { changeBooking } from '../persistence/change-booking.js';
import { readSeats } from '../persistence/seats.js';
import type { SagaHandler } from './saga-step.js';

/** What the saga of a booking looks at. */
export interface BookingSagaFacts {
  readonly status: SessionBookingStatus;
  /** The session was cancelled, or exists no more. */
  readonly isGone: boolean;
  /** Null where the session service does not tell. */
  readonly endsAt: Date | null;
}

export type BookingSagaDecision = 'cancel' | 'complete' | 'finish';

/**
 * Decides what becomes of a booking whose session has come to an end. Pure. A session that was put off meanwhile goes on; one
 * that is gone is never completed.
 */
export function decideBooking(
  step: string,
  { status, isGone, endsAt }: BookingSagaFacts,
  now: Date,
): BookingSagaDecision {
  if (!isLiveBooking({ status })) return 'finish';
  if (isGone) return 'cancel';
  const isOver = step === BookingStep.COMPLETE && endsAt !== null && endsAt <= now;
  return isOver && status === SessionBookingStatus.CONFIRMED ? 'complete' : 'finish';
}

const BY_SESSION_SERVICE = {
  actor: EventActor.SESSION_SERVICE,
  byId: null,
  reason: OrderStatusReason.SESSION_CANCELLED,
  note: null,
};

/** Ends bookings of sessions that were cancelled or have taken place, each in a transaction of its own. */
export function createBookingSaga(env: Environment): SagaHandler {
  return async ({ id, bookingId, step }) => {
    if (bookingId === null) throw new Error(`saga ${id} is about no booking`);
    await changeBooking(env.fork, bookingId, async (booking, order, em) => {
      const now = env.clock.now();
      const seats = (await readSeats(() => em, [booking.sessionId])).get(booking.sessionId);
      const facts = { isGone: seats?.goneAt != null, endsAt: seats?.session.endsAt ?? null, status: booking.status };
      const decision = decideBooking(step, facts, now);
      if (decision === 'cancel') await giveSeatBack(env, em, { booking, order }, BY_SESSION_SERVICE);
      if (decision === 'complete') completeBooking(booking, now);
    });
    return { do: 'finish' };
  };
}
