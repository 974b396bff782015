import { registerEnumType } from 'type-graphql';
import { validateTransitions } from './order-status.js';

/** Where a booking of a seat is in its life. */
export enum SessionBookingStatus {
  PENDING = 'PENDING',
  CONFIRMED = 'CONFIRMED',
  COMPLETED = 'COMPLETED',
  CANCELLED = 'CANCELLED',
  EXPIRED = 'EXPIRED',
}
registerEnumType(SessionBookingStatus, {
  name: 'SessionBookingStatus',
  description: 'Where a booking is in its life.',
  valuesConfig: {
    PENDING: { description: 'The seat is held until the order is paid.' },
    CONFIRMED: { description: 'The seat is the attendee’s.' },
    COMPLETED: { description: 'The session has taken place.' },
    CANCELLED: { description: 'Given up, or the session was cancelled.' },
    EXPIRED: { description: 'Not paid in time.' },
  },
});

const S = SessionBookingStatus;

/** Every allowed change of status. */
export const bookingTransitions: Readonly<Record<SessionBookingStatus, readonly SessionBookingStatus[]>> = {
  PENDING: [S.CONFIRMED, S.CANCELLED, S.EXPIRED],
  CONFIRMED: [S.COMPLETED, S.CANCELLED],
  COMPLETED: [],
  CANCELLED: [],
  EXPIRED: [],
};
validateTransitions(bookingTransitions, S.PENDING);

/** The statuses in which a booking has a seat that nobody else can have. */
export const LIVE_STATUSES: readonly SessionBookingStatus[] = [S.PENDING, S.CONFIRMED];

/** True while a booking has a seat. */
export const isLiveBooking = ({ status }: { readonly status: SessionBookingStatus }): boolean =>
  LIVE_STATUSES.includes(status);
