import { bookingBlockedReason, SessionBookingActionName } from '../entities/booking-actions.js';
import { SessionBookingStatus } from '../entities/booking-status.js';
import { EventActor, OrderStatusReason } from '../entities/enums.js';
import type { Cancellation } from '../entities/order-closing.js';
import type { Order } from '../entities/order.js';
import { NotFound, type InvalidInput, type AccountBlocked } from '../entities/refusals.js';
import type { SessionBooking } from '../entities/session-booking.js';
import { BookingActionNotAllowed, BookingVersionConflict } from '../entities/session-refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeBooking, detachedBooking } from '../persistence/change-booking.js';
import { readSeats } from '../persistence/seats.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';
import { giveSeatBack } from './give-seat-back.js';
import { actionFacts } from './order-action.js';
import { InputCheck } from './validation.js';

export interface CancelSessionBookingInput {
  readonly bookingId: string;
  readonly note: string | null;
  readonly expectedVersion: number | null;
}

export type CancelSessionBookingOutcome =
  | { readonly booking: SessionBooking }
  | InvalidInput
  | NotFound
  | BookingActionNotAllowed
  | BookingVersionConflict
  | AccountBlocked;

export type CancelSessionBooking = (
  actor: Actor,
  input: CancelSessionBookingInput,
) => Promise<CancelSessionBookingOutcome>;

/**
 * Gives a seat up, for its attendee until some time before the session, for an operator at any time; its money goes back.
 * One that is cancelled already answers success again.
 */
export function createCancelSessionBooking(env: Environment): CancelSessionBooking {
  return async (actor, input) => {
    const { bookingId, note } = input;
    const invalid = new InputCheck().uuid(bookingId, 'bookingId').note(note).refusal();
    if (invalid) return invalid;
    const outcome = await changeBooking(
      env.fork,
      bookingId,
      async (booking, order, em) => {
        if (booking.status !== SessionBookingStatus.CANCELLED) {
          const refusal = await refusalOf(env, em, actor, input, booking, order);
          if (refusal) return refusal;
          await giveSeatBack(env, em, { booking, order }, by(actor, booking, note));
        }
        return { booking: detachedBooking(booking) };
      },
      actor,
    );
    return outcome ?? new NotFound(bookingId);
  };
}

async function refusalOf(
  env: Environment,
  em: EntityManager,
  actor: Actor,
  { expectedVersion }: CancelSessionBookingInput,
  booking: SessionBooking,
  order: Order | null,
): Promise<BookingActionNotAllowed | BookingVersionConflict | undefined> {
  if (expectedVersion !== null && expectedVersion !== booking.version)
    return new BookingVersionConflict(detachedBooking(booking));
  const now = env.clock.now();
  const seats = (await readSeats(() => em, [booking.sessionId])).get(booking.sessionId);
  const facts = {
    isOwner: actor.userId === booking.attendeeId,
    // Nobody decides about their own money: operators give their own seats up as everybody does.
    isOperator: actor.isOperator && actor.userId !== booking.attendeeId,
    startsAt: seats?.session.startsAt ?? null,
    cancellationMs: env.policies.seatCancellationMs,
    order: order && { order, facts: await actionFacts(env, em, order, actor, now) },
    now,
  };
  const blocked = bookingBlockedReason(SessionBookingActionName.CANCEL, booking, facts);
  return blocked ? new BookingActionNotAllowed(blocked, detachedBooking(booking)) : undefined;
}

function by(actor: Actor, { attendeeId }: SessionBooking, note: string | null): Cancellation {
  const own = actor.userId === attendeeId;
  return {
    actor: own ? EventActor.BUYER : EventActor.OPERATOR,
    byId: actor.userId,
    reason: own ? OrderStatusReason.CANCELLED_BY_BUYER : OrderStatusReason.CANCELLED_BY_OPERATOR,
    note,
  };
}
