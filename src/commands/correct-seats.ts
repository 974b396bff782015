import type { EntityManager, Fork } from '../persistence/orm.js';
import { SEAT_DIFFERENCES } from '../persistence/seat-count.js';
import { lockSeats } from '../persistence/seats.js';

/**
 * Makes the counted seats right again, session by session under the lock of its seats: seats may be booked meanwhile. A
 * session that differed is asked about soon, so that seats which turn out to be free go to those who wait.
 */
export async function correctSeats(fork: Fork): Promise<void> {
  const differing = await fork().execute<{ session_id: string }[]>(SEAT_DIFFERENCES);
  for (const { session_id: sessionId } of differing) {
    await fork().transactional(async (em) => {
      const [seats] = await lockSeats(em, [sessionId]);
      if (!seats) await addSeats(em, sessionId);
      await count(em, sessionId);
    });
  }
}

/** As its newest booking knows the session. Whatever the session service tells of it is newer. */
async function addSeats(em: EntityManager, sessionId: string): Promise<void> {
  await em.execute(
    `insert into session_seats (session_id, taken, waiting, last_place, capacity, capacity_at, title, price_minor, currency)
     select session_id, 0, 0, 0, 0, 'epoch', title, price_minor, currency
     from session_bookings where session_id = ? order by booked_at desc, id desc limit 1
     on conflict (session_id) do nothing`,
    [sessionId],
  );
}

/** A statement of its own, after the lock: it sees everything that was booked under the lock before. */
async function count(em: EntityManager, sessionId: string): Promise<void> {
  await em.execute(
    `update session_seats seats set check_at = now(),
       taken = (select count(*) from session_bookings booking
         where booking.session_id = seats.session_id and booking.status in ('PENDING', 'CONFIRMED')),
       waiting = (select count(*) from session_waitlist line where line.session_id = seats.session_id),
       last_place = greatest(last_place, (select max(place) from session_waitlist line where line.session_id = seats.session_id))
     where session_id = ?`,
    [sessionId],
  );
}
