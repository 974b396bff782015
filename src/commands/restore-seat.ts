import { OrderActionName } from '../entities/order-actions.js';
import { restoreOrder } from '../entities/order-restoring.js';
import { liveBooking } from '../entities/order-seat.js';
import type { Order } from '../entities/order.js';
import type { TotalNotPayable } from '../entities/payment/amount-errors.js';
import { NotFound, ServiceUnavailable, type AccountBlocked } from '../entities/refusals.js';
import { AlreadyBooked, SessionFull, SessionUnavailable } from '../entities/session-refusals.js';
import type { KnownSession } from '../entities/session.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { violatedConstraint } from '../persistence/errors.js';
import { takeSeat } from '../persistence/seats.js';
import type { Environment } from './environment.js';
import { refusalOf } from './order-action.js';
import type { RestoreOrderInput } from './restore-order.js';
import { seatItem } from './seat-order.js';
import { actorFor } from './shared/actor-for.js';
import { askAboutSeat, findLiveBooking, judgeSession } from './session-facts.js';

export type SeatRefusal =
  AccountBlocked | TotalNotPayable | SessionFull | SessionUnavailable | AlreadyBooked | ServiceUnavailable;

/**
 * Makes an ended order of a seat payable again: at today's price, with a new booking, if a seat is free.
 * @throws NeighbourDown when a neighbour does not answer
 */
export async function restoreSeat(env: Environment, actor: Actor, input: RestoreOrderInput, sessionId: string) {
  const facts = await askAboutSeat(env, actor.userId, sessionId);
  if (facts.mayBuy && facts.liveBooking) return new AlreadyBooked(facts.liveBooking);
  const session = judgeSession(actor.userId, sessionId, facts, env.clock.now());
  // A session that is known no more was one once.
  if (session instanceof NotFound) return SessionUnavailable.cancelled(sessionId);
  if (!('askedAt' in session)) return session;
  try {
    const outcome = await write(env, actor, input, session);
    if (!(outcome instanceof SessionFull)) return outcome;
    // The last seat may have gone to the same attendee, by another order.
    const own = await findLiveBooking(env.fork, actor.userId, sessionId);
    return own ? new AlreadyBooked(own) : outcome;
  } catch (error) {
    if (violatedConstraint(error) !== 'session_bookings_live') throw error;
    const live = await findLiveBooking(env.fork, actor.userId, sessionId);
    return live ? new AlreadyBooked(live) : new ServiceUnavailable('order', 1);
  }
}

/** The state is looked at again: between the questions and now the order may have changed. */
async function write(env: Environment, actor: Actor, input: RestoreOrderInput, session: KnownSession) {
  const { orderId, couponCode, expectedVersion } = input;
  const [itemId, bookingId] = [env.newId(), env.newId()];
  const restored = await changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const now = env.clock.now();
    const wanted = { name: OrderActionName.RESTORE, actor, expectedVersion, now };
    const refusal = await refusalOf(env, em, order, wanted);
    if (refusal) return refusal;
    const checkAt = new Date(session.askedAt.getTime() + env.policies.sessionCheckMs);
    if (!(await takeSeat(em, session, checkAt))) return new SessionFull(session.id);
    const payableUntil = new Date(now.getTime() + env.policies.seatHoldMs);
    const items = [seatItem(session)];
    restoreOrder(order, {
      items,
      itemIds: [itemId],
      couponCode,
      by: actorFor(order.buyerId, input.operatorId),
      payableUntil,
      now,
      bookingId,
    });
    em.persist(heldBy(order));
    return { order: detached(order) };
  });
  return restored ?? new NotFound(orderId);
}

function heldBy(order: Order) {
  const booking = liveBooking(order);
  if (!booking) throw new Error(`order ${order.id} was restored without its seat`);
  return booking;
}
