import type { BookingFacts } from '../entities/booking-actions.js';
import type { ActionFacts, SeatFacts } from '../entities/order-actions.js';
import type { Order } from '../entities/order.js';
import type { SessionBooking } from '../entities/session-booking.js';
import type { Context } from '../schema/context.js';

/** What the rules of an order's actions look at, for the viewer. @throws UNAUTHENTICATED without a token */
export async function orderFacts(order: Order, context: Context): Promise<ActionFacts> {
  const viewer = context.requireViewer();
  const { loaders, services } = context;
  const [attempts, refunds, seat] = await Promise.all([
    loaders.attempts.load(order.id),
    loaders.refunds.load(order.id),
    seatFacts(order, context),
  ]);
  return {
    isOwner: viewer.userId === order.buyerId,
    isOperator: viewer.isOperator,
    attempts,
    refunds,
    refundWindowMs: services.policies.refundWindowMs,
    seat,
    now: services.clock.now(),
  };
}

async function seatFacts({ id, sessionId }: Order, { loaders, services }: Context): Promise<SeatFacts | null> {
  if (!sessionId) return null;
  const [booking, seats] = await Promise.all([loaders.bookingOfOrder.load(id), loaders.seats.load(sessionId)]);
  const { seatCancellationMs: cancellationMs } = services.policies;
  return { status: booking?.status ?? null, startsAt: seats?.session.startsAt ?? null, cancellationMs };
}

/** What the rules of a booking's actions look at, for the viewer. @throws UNAUTHENTICATED without a token */
export async function bookingFacts(booking: SessionBooking, context: Context): Promise<BookingFacts> {
  const viewer = context.requireViewer();
  const { loaders, services } = context;
  const [seats, order] = await Promise.all([
    loaders.seats.load(booking.sessionId),
    booking.orderId === null ? null : loaders.order.load(booking.orderId),
  ]);
  return {
    isOwner: viewer.userId === booking.attendeeId,
    isOperator: viewer.isOperator,
    startsAt: seats?.session.startsAt ?? null,
    cancellationMs: services.policies.seatCancellationMs,
    order: order && { order, facts: await orderFacts(order, context) },
    now: services.clock.now(),
  };
}
