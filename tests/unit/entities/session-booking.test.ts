import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bookSeat,
  cancelBooking,
  completeBooking,
  confirmBooking,
  expireBooking,
} from '../../../src/entities/booking-life.js';
import { bookingTransitions, isLiveBooking, SessionBookingStatus } from '../../../src/entities/booking-status.js';
import { EventActor, OrderStatusReason } from '../../../src/entities/enums.js';
import { Money } from '../../../src/entities/money.js';
import { validateTransitions } from '../../../src/entities/order-status.js';
import { IllegalTransition } from '../../../src/entities/order.js';
import type { SessionBooking } from '../../../src/entities/session-booking.js';
import { idOf } from '../../support/ids.js';
import { BUYER, knowEntities } from '../../support/orders.js';
import { minutes, T0 } from '../../support/test-clock.js';

beforeAll(knowEntities);

const BUYER_DOES = { actor: EventActor.BUYER, byId: BUYER };
const seat = {
  id: idOf('booking'),
  sessionId: idOf('session'),
  attendeeId: BUYER,
  orderId: null,
  title: 'Sets',
  price: new Money(0n, 'INR'),
  now: T0,
};
const cancellation = { ...BUYER_DOES, reason: OrderStatusReason.CANCELLED_BY_BUYER, note: 'ill' };

const acts: Readonly<Record<string, (booking: SessionBooking) => void>> = {
  confirm: (booking) => confirmBooking(booking, minutes(1)),
  cancel: (booking) => cancelBooking(booking, cancellation, minutes(1)),
  expire: (booking) => expireBooking(booking, OrderStatusReason.DEADLINE_PASSED, minutes(1)),
  complete: (booking) => completeBooking(booking, minutes(1)),
};

describe('a booking', () => {
  test('begins as a held seat, by one event', () => {
    const booking = bookSeat(seat, BUYER_DOES);
    expect(booking).toMatchObject({ status: 'PENDING', version: 1, bookedAt: T0, confirmedAt: null });
    expect(booking.recorded).toMatchObject([
      { type: 'CREATED', version: 1, from: null, to: 'PENDING', actor: 'BUYER' },
    ]);
  });

  test('cancelled, it names who and why, and gives its seat back', () => {
    const booking = bookSeat(seat, BUYER_DOES);
    cancelBooking(booking, cancellation, minutes(2));
    expect(booking).toMatchObject({ statusReason: 'CANCELLED_BY_BUYER', statusNote: 'ill', cancelledAt: minutes(2) });
    expect(booking.freesSeat).toBe(true);
  });

  test.each([
    [EventActor.BUYER, undefined],
    [EventActor.SYSTEM, undefined],
    [EventActor.OPERATOR, 'BOOKING_CANCELLED'],
    [EventActor.SESSION_SERVICE, 'BOOKING_CANCELLED'],
  ])('the attendee is told of what others do: %s', (actor, notice) => {
    const booking = bookSeat(seat, BUYER_DOES);
    cancelBooking(booking, { ...cancellation, actor }, minutes(2));
    expect(booking.recorded?.at(-1)?.notice).toBe(notice);
  });
});

describe('whatever is done to it', () => {
  test('it follows the table of transitions; versions are contiguous; the seat is given back once, by its last event', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(acts)), { maxLength: 8 }), (names) => {
        const booking = bookSeat(seat, BUYER_DOES);
        let freed = 0;
        for (const name of names) {
          const before = [booking.status, booking.version] as const;
          booking.freesSeat = undefined;
          try {
            acts[name]?.(booking);
          } catch (error) {
            expect(error).toBeInstanceOf(IllegalTransition);
            expect([booking.status, booking.version]).toEqual(before);
            return;
          }
          expect(bookingTransitions[before[0]]).toContain(booking.status);
          expect(booking.version).toBe(before[1] + 1);
          expect(booking.freesSeat === true).toBe(!isLiveBooking(booking));
          if (booking.freesSeat) freed += 1;
        }
        expect(freed).toBe(isLiveBooking(booking) ? 0 : 1);
        expect(booking.recorded?.map(({ version }) => version)).toEqual(
          Array.from({ length: booking.version }, (_, i) => i + 1),
        );
      }),
    );
  });

  test('every status can be reached, and the last ones are left no more', () => {
    expect(() => validateTransitions(bookingTransitions, SessionBookingStatus.PENDING)).not.toThrow();
    const last = Object.values(SessionBookingStatus).filter((status) => bookingTransitions[status].length === 0);
    expect(last).toEqual(['COMPLETED', 'CANCELLED', 'EXPIRED']);
    expect(last.some((status) => isLiveBooking({ status }))).toBe(false);
  });
});
