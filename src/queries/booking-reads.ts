import type { MikroORM } from '@mikro-orm/postgresql';
import { SessionBookingEvent } from '../entities/booking-event.js';
import { LIVE_STATUSES } from '../entities/booking-status.js';
import { SessionBooking } from '../entities/session-booking.js';
import type { Fork } from '../persistence/orm.js';
import { rowReader, type Row } from '../persistence/row-reader.js';
import { createOrderSnapshots, type WithOrder } from './order/order-snapshots.js';
import { createEventReads, type EventReads } from './event-reads.js';

type Ids = readonly string[];

/** Reads of bookings, each one statement for any number of them. */
export interface BookingReads extends EventReads<SessionBookingEvent> {
  bookings(ids: Ids, withOrder?: WithOrder): Promise<ReadonlyMap<string, SessionBooking>>;
  /** The newest booking of each order that has one. */
  ofOrders(orderIds: Ids): Promise<ReadonlyMap<string, SessionBooking>>;
  /** The booking of a person in each of these sessions: the live one, else the newest. */
  ofAttendee(attendeeId: string, sessionIds: Ids, withOrder?: WithOrder): Promise<ReadonlyMap<string, SessionBooking>>;
  toBooking(row: Row): SessionBooking;
  /** What to select beside the columns of a booking, after a comma. @param booking alias of the booking in the statement */
  orderColumn(withOrder: WithOrder, booking: string): string;
}

/** The reads over the plain rows of the database. */
export function createBookingReads(orm: MikroORM, fork: Fork): BookingReads {
  const snapshots = createOrderSnapshots(orm);
  const toBooking = snapshots.withOrder(rowReader(orm, SessionBooking));
  const orderColumn = (withOrder: WithOrder, booking: string) =>
    snapshots.orderColumn(withOrder, `${booking}.order_id`);
  const read = rowReader(orm, SessionBookingEvent);

  async function by(column: string, sql: string, parameters: unknown[]): Promise<ReadonlyMap<string, SessionBooking>> {
    const rows = await fork().execute<Row[]>(sql, parameters);
    return new Map(rows.map((row) => [row[column] as string, toBooking(row)]));
  }

  return {
    ...createEventReads(fork, {
      table: 'session_booking_events',
      aggregate: 'booking_id',
      owner: 'attendee_id',
      read,
    }),
    toBooking,
    orderColumn,
    bookings: (ids, withOrder = null) =>
      by('id', `select *${orderColumn(withOrder, 'session_bookings')} from session_bookings where id in (?)`, [ids]),
    ofOrders: (orderIds) =>
      by(
        'order_id',
        `select distinct on (order_id) * from session_bookings where order_id in (?)
         order by order_id, booked_at desc, id desc`,
        [orderIds],
      ),
    ofAttendee: (attendeeId, sessionIds, withOrder = null) =>
      by(
        'session_id',
        `select found.*${orderColumn(withOrder, 'found')} from (
           select distinct on (session_id) * from session_bookings where attendee_id = ? and session_id in (?)
           order by session_id, (status in (?)) desc, booked_at desc, id desc) found`,
        [attendeeId, sessionIds, [...LIVE_STATUSES]],
      ),
  };
}
