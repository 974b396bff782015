import { describe, expect, test } from '@jest/globals';
import { SessionBookingStatus } from '../../../src/entities/booking-status.js';
import { Money } from '../../../src/entities/money.js';
import { BookingStep } from '../../../src/entities/saga-steps.js';
import type { Seats } from '../../../src/persistence/seats.js';
import { decideBooking } from '../../../src/saga/session-booking.js';
import { decideSession } from '../../../src/saga/session-watch.js';
import { MINUTE, minutes, T0 } from '../../support/test-clock.js';

const S = SessionBookingStatus;

describe('the saga of a booking', () => {
  const decide = (step: string, status: SessionBookingStatus, isGone: boolean, endsAt: Date | null) =>
    decideBooking(step, { status, isGone, endsAt }, T0);

  test.each([S.PENDING, S.CONFIRMED])('cancels a live one whose session is gone, by either step: %s', (status) => {
    expect(decide(BookingStep.CANCEL, status, true, null)).toBe('cancel');
    expect(decide(BookingStep.COMPLETE, status, true, minutes(-1))).toBe('cancel');
  });

  test.each([S.CANCELLED, S.EXPIRED, S.COMPLETED])('leaves one that has ended: %s', (status) => {
    for (const step of Object.values(BookingStep)) expect(decide(step, status, true, minutes(-1))).toBe('finish');
  });

  test('completes a confirmed one whose session is over, and no other', () => {
    expect(decide(BookingStep.COMPLETE, S.CONFIRMED, false, T0)).toBe('complete');
    expect(decide(BookingStep.COMPLETE, S.CONFIRMED, false, minutes(1))).toBe('finish');
    expect(decide(BookingStep.COMPLETE, S.CONFIRMED, false, null)).toBe('finish');
    expect(decide(BookingStep.COMPLETE, S.PENDING, false, T0)).toBe('finish');
    expect(decide(BookingStep.CANCEL, S.CONFIRMED, false, T0)).toBe('finish');
  });
});

describe('the watch over a session', () => {
  const EVERY = 5 * MINUTE;
  const seats = (changes: Partial<Omit<Seats, 'session'>> & Partial<Seats['session']> = {}): Seats => {
    const { taken = 1, waiting = 0, goneAt = null, ...told } = changes;
    const session = { id: 's', title: null, price: new Money(1n, 'INR'), capacity: 1, instructorId: null };
    const times = { startsAt: minutes(60), endsAt: minutes(120), askedAt: T0 };
    return { taken, waiting, goneAt, session: { ...session, ...times, ...told } };
  };
  const decide = (changes: Parameters<typeof seats>[0], at = 0) => decideSession(seats(changes), minutes(at), EVERY);

  test('before it begins: free seats are for the line, and it is asked again', () => {
    expect(decide({ waiting: 2 })).toEqual({ bookings: 'keep', line: 'promote', checkAt: minutes(5) });
  });

  test('asks at its end, where that comes earlier', () => {
    expect(decide({}, 118).checkAt).toEqual(minutes(120));
  });

  test.each([
    ['it has begun', {}, 60],
    ['it is gone', { goneAt: T0 }, 0],
  ])('when %s, nobody waits any more', (_, changes, at) => {
    expect(decide({ waiting: 1, ...changes }, at)).toMatchObject({ bookings: 'keep', line: 'dissolve' });
  });

  test('at its end the bookings are completed, unless it is gone; asked until none is live', () => {
    expect(decide({}, 120)).toEqual({ bookings: 'complete', line: 'dissolve', checkAt: minutes(125) });
    expect(decide({ goneAt: T0 }, 120).bookings).toBe('keep');
  });

  test.each([
    ['nobody has a seat and nobody waits', { taken: 0 }, 0],
    ['it is over and nobody has a seat', { taken: 0, waiting: 3 }, 120],
    ['it is gone and nobody has a seat', { taken: 0, waiting: 3, goneAt: T0 }, 0],
  ])('when %s it is asked about no more', (_, changes, at) => {
    expect(decide(changes, at).checkAt).toBeNull();
  });

  test('where no times are told it never ends', () => {
    expect(decide({ startsAt: null, endsAt: null }, 1_000)).toMatchObject({ bookings: 'keep', line: 'promote' });
  });
});
