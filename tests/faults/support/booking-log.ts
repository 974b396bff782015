import { v5 as uuidv5 } from 'uuid';
import { BookingEventType } from '../../../src/entities/booking-event.js';
import { Topic } from '../../../src/messaging/topics.js';
import { readLog, type LogAudit } from './kafka-log.js';
import type { Site } from './site.js';

const TOPICS: Readonly<Record<BookingEventType, string>> = {
  [BookingEventType.CREATED]: Topic.BOOKING_CREATED,
  [BookingEventType.CONFIRMED]: Topic.BOOKING_CONFIRMED,
  [BookingEventType.CANCELLED]: Topic.BOOKING_CANCELLED,
  [BookingEventType.EXPIRED]: Topic.BOOKING_EXPIRED,
  [BookingEventType.COMPLETED]: Topic.BOOKING_COMPLETED,
};

/** Compares what the broker's log says of bookings with their events in the database, by eventId. */
export async function auditBookingLog({ sql, brokers }: Site): Promise<Omit<LogAudit, 'outOfOrder'>> {
  const events = await sql<{ id: string; version: number; type: BookingEventType }>(
    'select booking_id as id, version, type from session_booking_events',
  );
  const wanted = new Set(events.map(({ id, version, type }) => uuidv5(`${version}:${TOPICS[type]}`, id)));
  const log = (await readLog(brokers, Object.values(TOPICS))).map(
    ({ value }) => (JSON.parse(value) as { eventId: string }).eventId,
  );
  const found = new Set(log);
  return {
    missing: [...wanted].filter((id) => !found.has(id)).length,
    neverCommitted: [...found].filter((id) => !wanted.has(id)).length,
    messages: log.length,
    repeats: log.length - found.size,
  };
}
