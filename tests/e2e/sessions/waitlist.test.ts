import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { openSessionStand, type Attendee, type SessionStand } from './session-stand.js';
import {
  book,
  bookingOf,
  bookAndPay,
  cancel,
  join,
  leave,
  sessionOf,
  startPaying,
  tryToBook,
  untilBooking,
  untilSeated,
} from './session-steps.js';

const TOPICS = ['notification.channel.email.v1', 'notification.channel.in-app.v1'];
const MINUTE = 60_000;

let stand: SessionStand;

beforeAll(async () => {
  stand = await openSessionStand();
}, 60_000);
afterAll(() => stand.stop(), 30_000);

/** A session whose only seat is taken, and who has it. */
async function fullSession(price: number) {
  const [holder, sessionId] = [stand.attendee(), stand.session({ price, maxSlots: 1 })];
  const booking = price === 0 ? await book(holder, sessionId) : await bookAndPay(stand.product, holder, sessionId);
  return { holder, sessionId, bookingId: booking.id as string };
}

async function inLine(sessionId: string, count: number): Promise<Attendee[]> {
  const attendees = Array.from({ length: count }, () => stand.attendee());
  for (const attendee of attendees) await join(attendee, sessionId);
  return attendees;
}

describe('given a full session', () => {
  it('when people join its line, again too, then everybody has one place, which the graph shows', async () => {
    const { sessionId } = await fullSession(0);
    const [first, second] = [stand.attendee(), stand.attendee()];
    for (const _time of [1, 2]) {
      expect(await join(first, sessionId)).toMatchObject({ __typename: 'JoinSessionWaitlistSuccess', position: 1 });
      expect((await join(second, sessionId)).position).toBe(2);
    }
    expect(await sessionOf(second, sessionId)).toMatchObject({
      remaining: 0,
      waitlistLength: 2,
      viewerWaitlistPosition: 2,
      viewerBooking: null,
    });
    const other = await fullSession(0);
    await join(second, other.sessionId);
    const lines = await second.ask('{ myWaitlist { id viewerWaitlistPosition } }');
    expect(lines.data.myWaitlist).toEqual([
      { id: sessionId, viewerWaitlistPosition: 2 },
      { id: other.sessionId, viewerWaitlistPosition: 1 },
    ]);
  });

  it('when somebody leaves its line, again too, then the others move up and no seat is theirs', async () => {
    const { holder, sessionId, bookingId } = await fullSession(0);
    const [first, second] = (await inLine(sessionId, 2)) as [Attendee, Attendee];
    for (const _time of [1, 2]) {
      expect(await leave(first, sessionId)).toMatchObject({
        __typename: 'LeaveSessionWaitlistSuccess',
        session: { waitlistLength: 1, viewerWaitlistPosition: null },
      });
    }
    expect((await sessionOf(second, sessionId)).viewerWaitlistPosition).toBe(1);
    await cancel(holder, bookingId);
    expect((await sessionOf(second, sessionId)).viewerBooking.status).toBe('CONFIRMED');
    expect((await sessionOf(first, sessionId)).viewerBooking).toBeNull();
  });

  it('when its only seat becomes free, then it is the first in line’s at once, who is told', async () => {
    const { holder, sessionId, bookingId } = await fullSession(0);
    const [first, second] = (await inLine(sessionId, 2)) as [Attendee, Attendee];
    const stranger = stand.attendee();
    await cancel(holder, bookingId);

    const { viewerBooking, ...seats } = await sessionOf(first, sessionId);
    expect(seats).toMatchObject({ remaining: 0, waitlistLength: 1, viewerWaitlistPosition: null });
    expect(await bookingOf(first, viewerBooking.id)).toMatchObject({ status: 'CONFIRMED', version: 2, order: null });
    expect((await tryToBook(stranger, sessionId)).__typename).toBe('SessionFull');
    expect((await sessionOf(second, sessionId)).viewerWaitlistPosition).toBe(1);
    const notices = await stand.notices(viewerBooking.id, 2);
    expect(notices.map(({ topic }) => topic)).toEqual(TOPICS);
    expect(notices).toMatchObject(
      Array(2).fill({ userId: first.id, title: expect.stringMatching(/^You have a seat: /) }),
    );
  });
});

describe('given a full session that costs something', () => {
  it('when a seat becomes free, then it is held for the first in line, whose time begins with the notice', async () => {
    const { holder, sessionId, bookingId } = await fullSession(199);
    const [first, second] = (await inLine(sessionId, 2)) as [Attendee, Attendee];
    const stranger = stand.attendee();
    await cancel(holder, bookingId);

    const offered = await untilSeated(first, sessionId);
    expect(offered).toMatchObject({ status: 'PENDING', version: 1, order: { status: 'PENDING_PAYMENT' } });
    for (const other of [second, stranger]) expect((await tryToBook(other, sessionId)).__typename).toBe('SessionFull');
    const notices = await stand.notices(offered.id, 2);
    expect(notices.map(({ topic }) => topic)).toEqual(TOPICS);
    const held = await bookingOf(first, offered.id);
    expect(Date.parse(held.holdExpiresAt)).toBeGreaterThan(Date.parse(offered.bookedAt) + 10 * MINUTE);
    const until = new Intl.DateTimeFormat('en-IN', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
    for (const { userId, title, text } of notices) {
      expect([userId, title]).toEqual([first.id, `A seat is free: ${held.title}`]);
      expect(text).toContain(`${until.format(new Date(held.holdExpiresAt))} UTC`);
      expect(text).toContain('₹199.00');
    }

    await stand.product.press('approve', await startPaying(first, held.order.id));
    expect(await untilBooking(first, held.id, 'CONFIRMED')).toMatchObject({ session: { waitlistLength: 1 } });
    expect((await sessionOf(second, sessionId)).viewerWaitlistPosition).toBe(1);
  });

  it('when the offered seat is not paid in time, then it is offered to the next in line', async () => {
    const { holder, sessionId, bookingId } = await fullSession(199);
    const [first, second] = (await inLine(sessionId, 2)) as [Attendee, Attendee];
    await cancel(holder, bookingId);
    const missed = await untilSeated(first, sessionId);
    await stand.notices(missed.id, 2);
    await stand.passHold(missed.order.id);

    await untilBooking(first, missed.id, 'EXPIRED');
    const next = await bookingOf(second, (await sessionOf(second, sessionId)).viewerBooking.id);
    expect(next).toMatchObject({ status: 'PENDING', session: { remaining: 0, waitlistLength: 0 } });
    expect((await stand.notices(next.id, 2)).map(({ userId }) => userId)).toEqual([second.id, second.id]);
    expect((await join(first, sessionId)).position).toBe(1);
  });
});

describe('given a session with free seats', () => {
  it('when somebody wants to wait, then they are told to book', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session()];
    await book(stand.attendee(), sessionId);
    expect(await join(attendee, sessionId)).toEqual({
      __typename: 'SeatsAvailable',
      code: 'SEATS_AVAILABLE',
      session: { remaining: 1 },
    });
  });

  it('when somebody with a booking wants to wait, then they are shown the booking', async () => {
    const { holder, sessionId, bookingId } = await fullSession(0);
    expect(await join(holder, sessionId)).toMatchObject({ __typename: 'AlreadyBooked', booking: { id: bookingId } });
  });
});

describe('given a user service that does not answer', () => {
  it('when a seat is offered, then the offer does not expire before its notice could be sent', async () => {
    const { holder, sessionId, bookingId } = await fullSession(199);
    const [first] = (await inLine(sessionId, 1)) as [Attendee];
    const { user } = stand.product.neighbours;
    user.faults = { status: 14 };
    try {
      await cancel(holder, bookingId);
      const offered = await untilSeated(first, sessionId);
      await stand.passHold(offered.order.id);
      // The sweep has looked at it and put it off.
      await eventually(
        () => stand.product.sql('select 1 from orders where id = $1 and expires_at > now()', [offered.order.id]),
        (rows) => rows.length === 1,
      );
      expect((await bookingOf(first, offered.id)).status).toBe('PENDING');
    } finally {
      user.faults = {};
    }
  });
});
