import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  bookSeat,
  cancelBooking,
  completeBooking,
  confirmBooking,
  expireBooking,
} from '../../../src/entities/booking-life.js';
import { EventActor, OrderStatusReason } from '../../../src/entities/enums.js';
import { Money } from '../../../src/entities/money.js';
import type { SessionBooking } from '../../../src/entities/session-booking.js';
import { bookingMessageOf } from '../../../src/messaging/booking-messages.js';
import { noticeMessages } from '../../../src/messaging/notices/notice-messages.js';
import { misfits } from '../../support/asyncapi.js';
import { idOf } from '../../support/ids.js';
import { BUYER, knowEntities } from '../../support/orders.js';
import { minutes, T0 } from '../../support/test-clock.js';

beforeAll(knowEntities);

const by = { actor: EventActor.BUYER, byId: BUYER };
const booked = (orderId: string | null = idOf('order')): SessionBooking =>
  bookSeat(
    {
      id: idOf('booking'),
      sessionId: idOf('session'),
      attendeeId: BUYER,
      orderId,
      title: 'Sets & <Logic>',
      price: new Money(19_900n, 'INR'),
      now: T0,
    },
    by,
  );
const messagesOf = (booking: SessionBooking) =>
  (booking.recorded ?? []).map((event) => bookingMessageOf(booking, event, 'corr'));
const open = ({ payload }: { payload: string }) => JSON.parse(payload) as { payload: object; eventType: string };

describe('every event of a booking is told on a topic of its own, and fits the document', () => {
  const lives: readonly (readonly [string, (booking: SessionBooking) => void, readonly string[]])[] = [
    [
      'completed',
      (booking) => {
        confirmBooking(booking, minutes(1));
        completeBooking(booking, minutes(2));
      },
      ['created', 'confirmed', 'completed'],
    ],
    [
      'cancelled',
      (booking) => {
        cancelBooking(booking, { ...by, reason: OrderStatusReason.CANCELLED_BY_BUYER, note: 'private' }, minutes(1));
      },
      ['created', 'cancelled'],
    ],
    [
      'expired',
      (booking) => {
        expireBooking(booking, OrderStatusReason.DEADLINE_PASSED, minutes(1));
      },
      ['created', 'expired'],
    ],
  ];

  test.each(lives)('%s', (_, live, words) => {
    const booking = booked();
    live(booking);
    const all = messagesOf(booking);
    expect(all.map(({ topic }) => topic)).toEqual(words.map((word) => `session.booking.${word}.v1`));
    expect(misfits(all.map(({ topic, payload: value }) => ({ topic, value })))).toEqual([]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ key, headers }) => key === booking.id && headers['x-correlation-id'] === 'corr')).toBe(true);
  });
});

test('a message says whose seat it is, in minor units, with the version; a note stays inside', () => {
  const booking = booked();
  cancelBooking(booking, { ...by, reason: OrderStatusReason.CANCELLED_BY_BUYER, note: 'private' }, minutes(1));
  expect(messagesOf(booking).map((message) => open(message).payload)).toEqual([
    expect.objectContaining({ status: 'pending', bookingVersion: 1 }),
    {
      bookingId: booking.id,
      sessionId: idOf('session'),
      userId: BUYER,
      orderId: idOf('order'),
      amount: 19_900,
      currency: 'INR',
      status: 'cancelled',
      reason: 'CANCELLED_BY_BUYER',
      bookingVersion: 2,
    },
  ]);
});

test('a booking without an order names none', () => {
  expect(messagesOf(booked(null)).map((message) => 'orderId' in open(message).payload)).toEqual([false]);
});

describe('notices about a seat', () => {
  const sent = (kind: 'SEAT_OFFERED' | 'SEAT_GIVEN' | 'BOOKING_CANCELLED', payUntil: Date | null = null) =>
    noticeMessages({ kind, version: 1, email: 'a@mail.example', booking: booked(), payUntil }, ['email', 'in-app'], T0);

  test('an offer names price and deadline, escaped in the e-mail, and leads to the booking', () => {
    const [email, inApp] = sent('SEAT_OFFERED', minutes(10)).map((message) => open(message).payload);
    expect(email).toMatchObject({ to: 'a@mail.example', priority: 'high', subject: 'A seat is free: Sets & <Logic>' });
    const { body } = email as { body: string };
    expect(body).toContain('₹199.00');
    expect(body).toContain('1 Mar 2026, 10:10 am UTC');
    expect(body).toContain('Sets &amp; &lt;Logic&gt;');
    expect(inApp).toMatchObject({ userId: BUYER, actionUrl: `/sessions/bookings/${booked().id}`, type: 'session' });
  });

  test.each(['SEAT_OFFERED', 'SEAT_GIVEN', 'BOOKING_CANCELLED'] as const)('%s fits the document', (kind) => {
    const all = sent(kind, minutes(10));
    expect(misfits(all.map(({ topic, payload: value }) => ({ topic, value })))).toEqual([]);
    expect(all.map(({ key }) => key)).toEqual([booked().id, booked().id]);
  });
});
