import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { people } from '../support/purchase-steps.js';
import { inHours, openSessionStand, type SessionStand } from './session-stand.js';
import { book, bookAndPay, bookingOf, cancel, join, leave, sessionOf, tryToBook } from './session-steps.js';

let stand: SessionStand;

beforeAll(async () => {
  stand = await openSessionStand();
}, 60_000);
afterAll(() => stand.stop(), 30_000);

const counts = async () =>
  (
    await stand.product.sql(
      `select (select count(*) from session_bookings) bookings, (select count(*) from orders) orders`,
    )
  )[0];

describe('given somebody who cannot have a seat', () => {
  it.each([
    ['teach the session', people.ines, {}, { __typename: 'SessionUnavailable', sessionReason: 'OWN_SESSION' }],
    [
      'come after its begin',
      people.asha,
      inHours(-0.1),
      { __typename: 'SessionUnavailable', sessionReason: 'STARTED' },
    ],
    ['find no seats at all', people.asha, { maxSlots: 0 }, { __typename: 'SessionFull', code: 'SESSION_FULL' }],
    ['are blocked', people.blocked, {}, { __typename: 'AccountBlocked', code: 'ACCOUNT_BLOCKED' }],
  ])('because they %s, then the answer says so and nothing is written', async (_why, userId, wanted, refusal) => {
    const before = await counts();
    expect(await tryToBook(await stand.product.as(userId), stand.session(wanted))).toMatchObject(refusal);
    expect(await counts()).toEqual(before);
  });

  it('when the session is unknown or the input makes no sense, then it is not found or every field is named', async () => {
    const attendee = stand.attendee();
    expect(await tryToBook(attendee, people.nobody)).toEqual({
      __typename: 'NotFound',
      id: people.nobody,
      code: 'NOT_FOUND',
    });
    expect(await tryToBook(attendee, 'x', 'k'.repeat(300))).toEqual({
      __typename: 'InvalidInput',
      fields: [{ path: 'sessionId' }, { path: 'idempotencyKey' }],
      code: 'INVALID_INPUT',
    });
    for (const answer of [await join(attendee, 'x'), await leave(attendee, 'x')]) {
      expect(answer.fields).toEqual([{ path: 'sessionId' }]);
    }
  });

  it('when they have a booking already, then it is shown, also to two calls at once', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session()];
    const answers = await Promise.all([tryToBook(attendee, sessionId), tryToBook(attendee, sessionId)]);
    const id = answers.find(({ __typename }) => __typename === 'BookSessionSuccess').booking.id;
    expect(answers.filter(({ __typename }) => __typename === 'AlreadyBooked')).toHaveLength(1);
    expect(await tryToBook(attendee, sessionId)).toEqual({
      __typename: 'AlreadyBooked',
      code: 'ALREADY_BOOKED',
      booking: { id },
    });
    expect((await sessionOf(attendee, sessionId)).remaining).toBe(1);
  });

  it('when two want the last seat at once, then one has it and the other is told that it is full', async () => {
    const sessionId = stand.session({ price: 0, maxSlots: 1 });
    const answers = await Promise.all([stand.attendee(), stand.attendee()].map((one) => tryToBook(one, sessionId)));
    expect(answers.map(({ __typename }) => __typename).sort()).toEqual(['BookSessionSuccess', 'SessionFull']);
    expect(answers.find(({ __typename }) => __typename === 'SessionFull').session).toMatchObject({
      id: sessionId,
      remaining: 0,
      waitlistLength: 0,
    });
  });
});

describe('given a booking that was made with a key', () => {
  it('when the call is repeated, then it is the same booking, whatever has become of it', async () => {
    const [attendee, sessionId, other] = [stand.attendee(), stand.session({ price: 0 }), stand.session()];
    const { booking } = await tryToBook(attendee, sessionId, 'seat-1');
    const again = { __typename: 'BookSessionSuccess', replayed: true };
    expect(await tryToBook(attendee, sessionId, 'seat-1')).toMatchObject({ ...again, booking: { id: booking.id } });
    expect(await tryToBook(attendee, other, 'seat-1')).toEqual({
      __typename: 'IdempotencyConflict',
      code: 'IDEMPOTENCY_CONFLICT',
      key: 'seat-1',
    });
    await cancel(attendee, booking.id);
    expect(await tryToBook(attendee, sessionId, 'seat-1')).toMatchObject({
      ...again,
      booking: { id: booking.id, status: 'CANCELLED' },
    });
    expect((await tryToBook(stand.attendee(), sessionId, 'seat-1')).replayed).toBe(false);
  });
});

describe('given a session service that does not answer', () => {
  it('then bookings are shown and given up as before, no new ones are made, and all is well when it is back', async () => {
    const [attendee, other] = [stand.attendee(), stand.attendee()];
    const [known, unknown] = [stand.session({ maxSlots: 1 }), stand.session()];
    const { id, title } = await bookAndPay(stand.product, attendee, known);
    const { session } = stand.product.neighbours;
    session.faults = { status: 14 };
    try {
      expect(await bookingOf(attendee, id)).toMatchObject({ status: 'CONFIRMED', session: { title, remaining: 0 } });
      const down = { __typename: 'ServiceUnavailable', code: 'SERVICE_UNAVAILABLE', service: 'session' };
      expect(await tryToBook(other, known)).toEqual(down);
      expect(await join(other, known)).toEqual(down);
      const { data, errors } = await other.ask(`{ session(id: "${unknown}") { title } }`);
      expect([data, errors?.[0]?.extensions.code]).toEqual([{ session: null }, 'SERVICE_UNAVAILABLE']);
      expect((await cancel(attendee, id)).booking.status).toBe('CANCELLED');
    } finally {
      session.faults = {};
    }
    expect((await eventually(() => book(other, known))).status).toBe('PENDING');
  });
});
