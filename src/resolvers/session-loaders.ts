import DataLoader from 'dataloader';
import { visibleBooking } from '../auth/access.js';
import type { Viewer } from '../auth/viewer.js';
import type { SessionBooking } from '../entities/session-booking.js';
import type { BookingFilter, BookingLists } from '../queries/booking-lists.js';
import type { BookingReads } from '../queries/booking-reads.js';
import type { ListPage, Page } from '../queries/cursor.js';
import { SessionsUnavailable, type LiveSession, type LiveSessions, type Seats } from '../queries/live-sessions.js';
import type { Makers } from './made-on-use.js';
import type { OperationSnapshots } from './shared/operation-snapshots.js';
import { oneForEach } from './one-for-each.js';

/** What one operation reads of sessions and bookings, each batched, and shown only to who may see it. */
export interface SessionLoaders {
  /** What the operation has read of orders, and what of them it reads together. */
  readonly snapshots: OperationSnapshots;
  /** By id; null for a missing booking and for a stranger's alike. */
  readonly booking: DataLoader<string, SessionBooking | null>;
  /** The newest booking of an order. */
  readonly bookingOfOrder: { load(orderId: string): SessionBooking | null | Promise<SessionBooking | null> };
  /** The viewer's booking of a session. */
  readonly viewerBooking: DataLoader<string, SessionBooking | null>;
  /** The viewer's place in the line of a session. */
  readonly viewerPosition: DataLoader<string, number | null>;
  readonly seats: DataLoader<string, Seats | undefined>;
  /** As the session service tells it, or told it last. */
  readonly session: DataLoader<string, LiveSession | undefined>;
  /** The page of a person's bookings; people with the same page share a statement. */
  bookingsOf(status: BookingFilter, page: Page): DataLoader<string, ListPage<SessionBooking>>;
  /** How many bookings a person has; people with the same filter share a statement. */
  bookingCountOf(status: BookingFilter): DataLoader<string, number>;
}

export interface SessionLoaderSources {
  readonly bookingReads: BookingReads;
  readonly bookingLists: BookingLists;
  readonly sessions: LiveSessions;
}

/** For whom the loaders of an operation read. */
export interface ForViewer {
  readonly viewer: Viewer | null;
}

/** How the loaders of one operation are made. */
export const sessionMakers: Omit<Makers<SessionLoaderSources & ForViewer, SessionLoaders>, 'snapshots'> = {
  seats: ({ sessions }) =>
    new DataLoader(async (ids) => {
      const found = await sessions.seats(ids);
      return ids.map((id) => found.get(id));
    }),
  booking: ({ bookingReads, viewer }, { snapshots }) =>
    new DataLoader(async (ids) => {
      const found = await bookingReads.bookings(ids, snapshots.withOrder);
      return ids.map((id) => visibleBooking(viewer, kept(snapshots, found.get(id))));
    }),
  bookingOfOrder: ({ bookingReads, viewer }, { snapshots }) => {
    const loader = new DataLoader<string, SessionBooking | null>(async (orderIds) => {
      const found = await bookingReads.ofOrders(orderIds);
      return orderIds.map((id) => visibleBooking(viewer, found.get(id)));
    });
    return {
      load: (orderId) => {
        const bookings = snapshots.partsOf(orderId)?.bookings;
        return bookings ? visibleBooking(viewer, bookings.at(-1)) : loader.load(orderId);
      },
    };
  },
  viewerBooking: ({ bookingReads, viewer }, { snapshots }) =>
    new DataLoader(async (sessionIds) => {
      if (!viewer) return sessionIds.map(() => null);
      const found = await bookingReads.ofAttendee(viewer.userId, sessionIds, snapshots.withOrder);
      return sessionIds.map((id) => visibleBooking(viewer, kept(snapshots, found.get(id))));
    }),
  viewerPosition: ({ sessions, viewer }) =>
    new DataLoader(async (sessionIds) => {
      if (!viewer) return sessionIds.map(() => null);
      const found = await sessions.positions(viewer.userId, sessionIds);
      return sessionIds.map((id) => found.get(id) ?? null);
    }),
  session: ({ sessions }, { seats }) =>
    new DataLoader((ids) => Promise.all(ids.map((id) => findSession(sessions, seats, id)))),
  bookingsOf: ({ bookingLists }, { snapshots }) =>
    oneForEach(
      (status: BookingFilter, page: Page) =>
        new DataLoader<string, ListPage<SessionBooking>>(async (attendeeIds) => {
          const found = await bookingLists.ofAttendees(attendeeIds, status, page, snapshots.withOrder);
          return attendeeIds.map((id) => {
            const one = found.get(id);
            if (!one) return new Error(`no page of bookings was read for ${id}`);
            return { ...one, rows: one.rows.map((booking) => snapshots.keepBooking(booking)) };
          });
        }),
    ),
  bookingCountOf: ({ bookingLists }) =>
    oneForEach(
      (status: BookingFilter) =>
        new DataLoader<string, number>(async (attendeeIds) => {
          const found = await bookingLists.countOfAttendees(attendeeIds, status);
          return attendeeIds.map((id) => found.get(id) ?? 0);
        }),
    ),
};

const kept = (snapshots: OperationSnapshots, booking: SessionBooking | undefined) =>
  booking && snapshots.keepBooking(booking);

/**
 * What the session service tells now; of a session that it knows no more, or while it does not answer, what it told last. One
 * that cannot be told is no reason not to tell the others.
 */
async function findSession(
  sessions: LiveSessions,
  seats: DataLoader<string, Seats | undefined>,
  id: string,
): Promise<LiveSession | undefined | Error> {
  try {
    return (await sessions.find(id)) ?? (await seats.load(id))?.session;
  } catch (error) {
    if (!(error instanceof SessionsUnavailable)) throw error;
    return (await seats.load(id))?.session ?? error;
  }
}
