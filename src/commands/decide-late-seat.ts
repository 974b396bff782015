import { SessionBookingStatus } from '../entities/booking-status.js';
import { EventActor, OrderStatusReason, RefundReason } from '../entities/enums.js';
import { cancelOrder } from '../entities/order-closing.js';
import { complete } from '../entities/payment/payment-effects.js';
import { refundSurplus } from '../entities/order-refunding.js';
import { holdSeat, liveBooking } from '../entities/order-seat.js';
import { isClosedUnpaid, isPayable } from '../entities/order-status.js';
import { Order } from '../entities/order.js';
import type { KnownSession } from '../entities/session.js';
import { changeOrder } from '../persistence/change-order.js';
import { violatedConstraint } from '../persistence/errors.js';
import { attachBookings } from '../persistence/order-bookings.js';
import type { EntityManager } from '../persistence/orm.js';
import { readSeats, takeSeat } from '../persistence/seats.js';
import type { Environment } from './environment.js';
import { askForSession, findLiveBooking, hasStarted } from './session-facts.js';

/** Money that came on a closed order of a session. */
export interface LateSeat {
  readonly orderId: string;
  readonly attemptId: string;
  readonly sessionId: string;
}

const BY_SYSTEM = { actor: EventActor.SYSTEM, byId: null };
const PARTS = ['attempts', 'itemRows', 'claims'] as const;

/**
 * Decides about money that came after the hold of a seat had ended: it takes a free seat, else it goes back with a reason.
 * @throws NeighbourDown when the session service does not answer: the saga asks again
 */
export async function decideLateSeat(env: Environment, late: LateSeat): Promise<void> {
  const session = await askForSession(env, late.sessionId);
  const seats = (await readSeats(env.fork, [late.sessionId])).get(late.sessionId);
  const isGone = !session || seats?.goneAt;
  const reason = isGone ? RefundReason.SESSION_CANCELLED : RefundReason.LATE_PAYMENT;
  if (isGone || hasStarted(session, env.clock.now())) return giveBack(env, late, reason);
  const refused = await tryToSeat(env, late, session);
  if (refused) await giveBack(env, late, refused);
}

/** @returns why the money must go back, where it must */
async function tryToSeat(env: Environment, late: LateSeat, session: KnownSession): Promise<RefundReason | undefined> {
  const { orderId, attemptId, sessionId } = late;
  const order = await env.fork().findOneOrFail(Order, orderId);
  const rival = (await findLiveBooking(env.fork, order.buyerId, sessionId))?.orderId;
  try {
    return await changeOrder(
      env.fork,
      orderId,
      PARTS,
      async (current, em) => {
        const attempt = current.attempts.getItems().find(({ id }) => id === attemptId);
        if (attempt?.capture !== 'UNDECIDED' || !isClosedUnpaid(current.status)) return undefined;
        const live = await findLiveBooking(() => em, current.buyerId, sessionId);
        if (live && live.status !== SessionBookingStatus.PENDING) return RefundReason.ALREADY_ENROLLED;
        const isSeated = live ? await takeOver(env, em, live.orderId) : await takeFree(env, em, session);
        if (!isSeated) return RefundReason.SEAT_GONE;
        const now = env.clock.now();
        em.persist(holdSeat(current, env.newId(), BY_SYSTEM, now));
        complete(current, attempt, now, now);
        return undefined;
      },
      { alsoLock: rival ? [rival] : [] },
    );
  } catch (error) {
    if (violatedConstraint(error) === 'session_bookings_live') return RefundReason.ALREADY_ENROLLED;
    throw error;
  }
}

async function takeFree(env: Environment, em: EntityManager, session: KnownSession): Promise<boolean> {
  const checkAt = new Date(session.askedAt.getTime() + env.policies.sessionCheckMs);
  return (await takeSeat(em, session, checkAt)) !== undefined;
}

/** The buyer holds a seat by another order that waits to be paid: the money that is here takes that seat over. */
async function takeOver(env: Environment, em: EntityManager, rivalId: string | null): Promise<boolean> {
  if (rivalId === null) return false;
  const rival = await em.findOneOrFail(Order, rivalId, { populate: [...PARTS] });
  await attachBookings(em, [rival]);
  const booking = liveBooking(rival);
  if (!booking || !isPayable(rival.status)) return false;
  cancelOrder(rival, { ...BY_SYSTEM, reason: OrderStatusReason.SUPERSEDED, note: null }, env.clock.now());
  // The seat changes hands: nobody who waits has it in between.
  booking.freesSeat = undefined;
  // Its booking is written before the buyer's next one, which would be their second.
  await em.flush();
  return true;
}

async function giveBack(env: Environment, { orderId, attemptId }: LateSeat, reason: RefundReason): Promise<void> {
  await changeOrder(env.fork, orderId, ['attempts'], (order) => {
    const attempt = order.attempts.getItems().find(({ id }) => id === attemptId);
    if (attempt?.capture === 'UNDECIDED') refundSurplus(order, attempt, env.clock.now(), reason);
  });
}
