import type { Order } from '../entities/order.js';
import { SessionBooking } from '../entities/session-booking.js';
import type { EntityManager } from './orm.js';

/**
 * Loads the bookings of locked orders: what becomes of an order of a session becomes of its booking. Orders of courses
 * cost no statement.
 */
export async function attachBookings(em: EntityManager, orders: readonly Order[]): Promise<void> {
  const ofSessions = orders.filter(({ sessionId }) => sessionId);
  if (ofSessions.length === 0) return;
  const ids = ofSessions.map(({ id }) => id);
  const bookings = await em.find(
    SessionBooking,
    { orderId: { $in: ids } },
    { orderBy: { bookedAt: 'asc', id: 'asc' } },
  );
  const byOrder = Map.groupBy(bookings, ({ orderId }) => orderId);
  for (const order of ofSessions) order.bookings = byOrder.get(order.id) ?? [];
}
