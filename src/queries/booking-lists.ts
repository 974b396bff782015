import type { SessionBookingStatus } from '../entities/booking-status.js';
import type { SessionBooking } from '../entities/session-booking.js';
import type { Fork } from '../persistence/orm.js';
import type { Row } from '../persistence/row-reader.js';
import type { BookingReads } from './booking-reads.js';
import type { WithOrder } from './order/order-snapshots.js';
import { statusIs, type StatusFilter } from './status-filter.js';
import { pageOf, readCursor, type ListPage, type Page } from './cursor.js';

export type BookingFilter = StatusFilter<SessionBookingStatus>;

/** Lists of bookings, newest first, by keyset (booked_at, id): a page costs the same wherever it is. */
export interface BookingLists {
  /** The same page of each person's bookings, in one statement. @throws BadCursor */
  ofAttendees(
    attendeeIds: readonly string[],
    status: BookingFilter,
    page: Page,
    withOrder?: WithOrder,
  ): Promise<ReadonlyMap<string, ListPage<SessionBooking>>>;
  /** The length of each person's list, in one statement; a person without bookings is missing. */
  countOfAttendees(attendeeIds: readonly string[], status: BookingFilter): Promise<ReadonlyMap<string, number>>;
}

export function createBookingLists(
  fork: Fork,
  { toBooking, orderColumn }: Pick<BookingReads, 'toBooking' | 'orderColumn'>,
): BookingLists {
  return {
    async ofAttendees(attendeeIds, status, { first, after }, withOrder = null) {
      const start = readCursor(after, { bookings: status });
      const beyond = start ? 'and (booked_at, id) < (?, ?)' : '';
      const condition = statusIs(status);
      const rows = await fork().execute<Row[]>(
        `select page.*${orderColumn(withOrder, 'page')} from unnest(?::uuid[]) attendee (id) cross join lateral (
           select * from session_bookings where attendee_id = attendee.id and ${condition.sql} ${beyond}
           order by booked_at desc, id desc limit ?) page`,
        [`{${attendeeIds.join(',')}}`, ...condition.parameters, ...(start ? [start.at, start.id] : []), first + 1],
      );
      const byAttendee = Map.groupBy(rows.map(toBooking), ({ attendeeId }) => attendeeId);
      const place = ({ bookedAt: at, id }: SessionBooking) => ({ at, id });
      return new Map(
        attendeeIds.map((id) => [id, pageOf(byAttendee.get(id) ?? [], first, { bookings: status }, place)]),
      );
    },
    async countOfAttendees(attendeeIds, status) {
      const condition = statusIs(status);
      const rows = await fork().execute<{ attendee_id: string; n: string }[]>(
        `select attendee_id, count(*) as n from session_bookings
         where attendee_id in (?) and ${condition.sql} group by attendee_id`,
        [attendeeIds, ...condition.parameters],
      );
      return new Map(rows.map(({ attendee_id: id, n }) => [id, Number(n)]));
    },
  };
}
