import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { untilOrder } from '../support/purchase-steps.js';
import { openSessionStand, type SessionStand } from './session-stand.js';
import {
  book,
  bookAndPay,
  bookingOf,
  cancel,
  join,
  sessionOf,
  tryToBook,
  untilBooking,
  untilSeated,
} from './session-steps.js';

let stand: SessionStand;

beforeAll(async () => {
  stand = await openSessionStand();
}, 60_000);
afterAll(() => stand.stop(), 30_000);

describe('given a session with a paid seat, a held one and a line', () => {
  it.each([
    ['cancelled at its service, which says so', 'cancel'],
    ['removed there without a word', 'remove'],
  ])('when it is %s, then all bookings end, money goes back and nobody waits', async (_how, action) => {
    const [paying, holding, waiting] = [stand.attendee(), stand.attendee(), stand.attendee()];
    const sessionId = stand.session();
    const paid = await bookAndPay(stand.product, paying, sessionId);
    const held = await book(holding, sessionId);
    expect((await join(waiting, sessionId)).position).toBe(1);

    await stand.act(sessionId, action);
    const ended = await untilBooking(paying, paid.id, 'CANCELLED');
    expect(ended).toMatchObject({
      statusReason: 'SESSION_CANCELLED',
      order: { status: 'SUCCEEDED', refunds: [{ status: 'APPROVED', reason: 'SESSION_CANCELLED' }] },
    });
    expect(await untilBooking(holding, held.id, 'CANCELLED')).toMatchObject({
      statusReason: 'SESSION_CANCELLED',
      order: { status: 'CANCELLED', statusReason: 'SESSION_CANCELLED', refunds: [] },
    });
    await stand.settleRefund(ended.order.refunds[0].id);
    await untilOrder(paying, paid.order.id, 'REFUNDED', 'REVOKED');

    expect((await waiting.ask('{ myWaitlist { id } }')).data.myWaitlist).toEqual([]);
    expect((await waiting.ask('{ mySessionBookings { totalCount } }')).data.mySessionBookings.totalCount).toBe(0);
    expect(await tryToBook(waiting, sessionId)).toMatchObject({
      __typename: 'SessionUnavailable',
      sessionReason: 'CANCELLED',
    });
    for (const { id, title, attendeeId } of [paid, held]) {
      expect(await stand.notices(id, 2)).toMatchObject(
        Array(2).fill({ userId: attendeeId, title: `Your booking was cancelled: ${title}` }),
      );
    }
  });
});

describe('given a full session', () => {
  it('when it gets fewer seats, then nobody is thrown out, and a seat that is given back is not sold', async () => {
    const [first, second, third] = [stand.attendee(), stand.attendee(), stand.attendee()];
    const sessionId = stand.session({ price: 0 });
    const [one, two] = [await book(first, sessionId), await book(second, sessionId)];
    await stand.act(sessionId, 'capacity/1');
    await untilKnown(sessionId, 1);
    expect(await sessionOf(third, sessionId)).toMatchObject({ capacity: 1, remaining: 0 });
    expect((await bookingOf(first, one.id)).status).toBe('CONFIRMED');

    await cancel(second, two.id);
    expect((await tryToBook(third, sessionId)).__typename).toBe('SessionFull');
    expect((await bookingOf(first, one.id)).status).toBe('CONFIRMED');
    await cancel(first, one.id);
    expect((await book(third, sessionId)).status).toBe('CONFIRMED');
  });

  it('when it gets more seats, then they go to those who wait, in their order', async () => {
    const [holder, second, third] = [stand.attendee(), stand.attendee(), stand.attendee()];
    const sessionId = stand.session({ price: 0, maxSlots: 1 });
    await book(holder, sessionId);
    expect([(await join(second, sessionId)).position, (await join(third, sessionId)).position]).toEqual([1, 2]);

    await stand.act(sessionId, 'capacity/2');
    expect((await untilSeated(second, sessionId)).status).toBe('CONFIRMED');
    expect(await sessionOf(third, sessionId)).toMatchObject({
      remaining: 0,
      waitlistLength: 1,
      viewerWaitlistPosition: 1,
      viewerBooking: null,
    });
    await stand.act(sessionId, 'capacity/5');
    await untilSeated(third, sessionId);
    expect(await sessionOf(third, sessionId)).toMatchObject({ capacity: 5, remaining: 2, waitlistLength: 0 });
  });

  it('when it gets more seats and somebody else books at once, then those who wait still come first', async () => {
    const [holder, waiting, passing] = [stand.attendee(), stand.attendee(), stand.attendee()];
    const sessionId = stand.session({ price: 0, maxSlots: 1 });
    await book(holder, sessionId);
    await join(waiting, sessionId);

    await stand.act(sessionId, 'capacity/2');
    expect((await tryToBook(passing, sessionId)).__typename).toBe('SessionFull');
    expect((await sessionOf(waiting, sessionId)).viewerBooking.status).toBe('CONFIRMED');
    await stand.act(sessionId, 'capacity/3');
    expect((await book(passing, sessionId)).status).toBe('CONFIRMED');
  });

  it('when it begins, then the line is dissolved and nobody can book or wait', async () => {
    const [holder, waiting, late] = [stand.attendee(), stand.attendee(), stand.attendee()];
    const sessionId = stand.session({ maxSlots: 1 });
    const { id } = await bookAndPay(stand.product, holder, sessionId);
    await join(waiting, sessionId);
    await stand.act(sessionId, 'start/-10');
    await eventually(
      () => sessionOf(waiting, sessionId),
      ({ waitlistLength }) => waitlistLength === 0,
    );
    expect((await bookingOf(holder, id)).status).toBe('CONFIRMED');
    for (const refused of [await tryToBook(late, sessionId), await join(late, sessionId)]) {
      expect(refused).toMatchObject({ __typename: 'SessionUnavailable', sessionReason: 'STARTED' });
    }
  });

  /** Waits until the service has been told of so many seats. */
  const untilKnown = (sessionId: string, capacity: number) =>
    eventually(
      () =>
        stand.product.sql('select 1 from session_seats where session_id = $1 and capacity = $2', [sessionId, capacity]),
      (rows) => rows.length === 1,
    );
});
