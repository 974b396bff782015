import { describe, expect, test } from '@jest/globals';
import { idOf } from '../../support/ids.js';
import { FREE, HOUR, sessionStand } from './session-stand.js';

const at = sessionStand();
const MINUTE = 60_000;
const pay = (orderId: string | null, payment?: string) => at.do.tell(orderId ?? '', 'succeeded', payment);
/** The hold of a booking ends, and the sweep sees it. */
async function holdEnds() {
  at.stand.clock.advance(11 * MINUTE);
  await at.do.expire();
}

describe('given a held seat', () => {
  test('its payment confirms it: the order is delivered, and no enrolment is awaited', async () => {
    const session = at.session();
    const { id, orderId } = await at.booked('asha', session);
    await pay(orderId);
    expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED', version: 2 });
    expect(await at.order(orderId ?? '')).toMatchObject({ status: 'SUCCEEDED', fulfilment: 'FULFILLED' });
    expect(await at.stand.sql('select kind from sagas where order_id = $1', [orderId])).toEqual([]);
    expect(await at.stand.sql(`select 1 from outbox where topic like 'order.course.%'`)).toEqual([]);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test.each([
    ['declined', 'failed', 'FAILED', 'PAYMENT_DECLINED'],
    ['abandoned', 'cancelled', 'FAILED', 'PAYMENT_CANCELLED'],
  ] as const)(
    'a payment that was %s ends order and booking; the seat is free once',
    async (_, kind, status, reason) => {
      const session = at.session();
      const { id, orderId } = await at.booked('asha', session);
      await at.do.tell(orderId ?? '', kind);
      await at.do.tell(orderId ?? '', kind);
      expect(await at.order(orderId ?? '')).toMatchObject({ status, statusReason: reason });
      expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason, version: 2 });
      expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
    },
  );

  test('not paid in time it expires with its order; the seat is free once, however often the sweep looks', async () => {
    const session = at.session();
    const { id, orderId } = await at.booked('asha', session);
    await holdEnds();
    await at.do.expire();
    expect(await at.order(orderId ?? '')).toMatchObject({ status: 'EXPIRED' });
    expect(await at.status(id)).toMatchObject({ status: 'EXPIRED', reason: 'DEADLINE_PASSED', version: 2 });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });

  test('a payment under way extends the hold', async () => {
    const session = at.session();
    const { id, orderId } = await at.booked('asha', session);
    at.stand.clock.advance(9 * MINUTE);
    await at.do.tell(orderId ?? '', 'initiated');
    at.stand.clock.advance(2 * MINUTE);
    await at.do.expire();
    expect(await at.status(id)).toMatchObject({ status: 'PENDING' });
    await pay(orderId);
    expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED' });
  });

  test('cancelling the order gives it back', async () => {
    const session = at.session();
    const { id, orderId } = await at.booked('asha', session);
    await at.do.cancelOrder('asha', orderId ?? '');
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason: 'CANCELLED_BY_BUYER' });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });

  test('a second payment of a paid seat goes back', async () => {
    const { id, orderId } = await at.paid('asha', at.session());
    await pay(orderId, 'second');
    expect(await at.refunds(orderId)).toEqual([{ reason: 'DUPLICATE_PAYMENT', status: 'APPROVED', amount: 19_900 }]);
    expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED' });
  });
});

describe('given an order of a seat that has ended', () => {
  async function ended(changes = {}) {
    const session = at.session(changes);
    const { id, orderId } = await at.booked('asha', session);
    await holdEnds();
    return { session, id, orderId: orderId ?? '' };
  }

  test('a restore takes a seat at today’s price, with a booking of its own', async () => {
    const { session, id, orderId } = await ended();
    expect(await at.do.restore('asha', orderId)).toMatchObject({ order: { status: 'PENDING_PAYMENT' } });
    const bookings = await at.bookingsIn(session);
    expect(bookings.map(({ status }) => status)).toEqual(['EXPIRED', 'PENDING']);
    expect(bookings[1]).toMatchObject({ order_id: orderId, version: 1 });
    expect(bookings[1]?.['id']).not.toBe(id);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
    await pay(orderId);
    expect(await at.bookingsIn(session)).toMatchObject([{ status: 'EXPIRED' }, { status: 'CONFIRMED' }]);
  });

  test('a restore of what costs nothing any more confirms the seat at once', async () => {
    const { session, orderId } = await ended();
    at.change(session, { price: FREE });
    expect(await at.do.restore('asha', orderId)).toMatchObject({ order: { status: 'SUCCEEDED' } });
    expect(await at.bookingsIn(session)).toMatchObject([{ status: 'EXPIRED' }, { status: 'CONFIRMED' }]);
  });

  test.each([
    ['SESSION_FULL', 'no seat is left', async (session: string) => void at.change(session, { capacity: 0 })],
    ['SESSION_UNAVAILABLE', 'it exists no more', async (s: string) => void at.stand.neighbours.liveSessions.delete(s)],
    ['ALREADY_BOOKED', 'the buyer has booked anew', async (session: string) => void (await at.booked('asha', session))],
    ['SERVICE_UNAVAILABLE', 'nobody answers', async () => void at.stand.neighbours.down.add('session')],
  ])('a restore answers %s when %s, and changes nothing', async (code, _, happen) => {
    const { session, orderId } = await ended();
    await happen(session);
    const before = [await at.stand.counts(), await at.seats(session)];
    expect(await at.do.restore('asha', orderId)).toMatchObject({ code });
    expect([await at.stand.counts(), await at.seats(session)]).toEqual(before);
  });

  test('money that comes late takes a free seat: a new booking', async () => {
    const { session, orderId } = await ended();
    await pay(orderId);
    await at.do.runSagas();
    expect(await at.order(orderId)).toMatchObject({ status: 'SUCCEEDED', fulfilment: 'FULFILLED' });
    expect(await at.bookingsIn(session)).toMatchObject([{ status: 'EXPIRED' }, { status: 'CONFIRMED' }]);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
    expect(await at.refunds(orderId)).toEqual([]);
  });

  test('it takes over the seat that the buyer holds by another order', async () => {
    const { session, orderId } = await ended();
    const second = await at.booked('asha', session);
    await pay(orderId);
    await at.do.runSagas();
    expect(await at.order(second.orderId ?? '')).toMatchObject({ status: 'CANCELLED', statusReason: 'SUPERSEDED' });
    expect((await at.bookingsIn(session)).map(({ status }) => status).sort()).toEqual([
      'CANCELLED',
      'CONFIRMED',
      'EXPIRED',
    ]);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test.each([
    ['SEAT_GONE', 'the seat is somebody else’s', async (session: string) => void (await at.booked('bela', session))],
    [
      'SEAT_GONE',
      'others wait',
      async (session: string) => {
        await at.booked('bela', session);
        await at.do.join('chitra', session);
        at.change(session, { capacity: 0 });
      },
    ],
    ['ALREADY_ENROLLED', 'the buyer has a paid seat', async (session: string) => void (await at.paid('asha', session))],
    ['SESSION_CANCELLED', 'it exists no more', async (s: string) => void at.stand.neighbours.liveSessions.delete(s)],
    [
      'LATE_PAYMENT',
      'it has begun',
      async (session: string) => {
        at.change(session, { startsAt: new Date(at.stand.clock.now().getTime() - HOUR) });
      },
    ],
  ])('it goes back as %s when %s', async (reason, _, happen) => {
    const { session, orderId } = await ended({ capacity: 1 });
    await happen(session);
    const before = await at.seats(session);
    await pay(orderId);
    await at.do.runSagas();
    expect(await at.order(orderId)).toMatchObject({ status: 'EXPIRED', capturedMinor: 19_900n });
    expect(await at.refunds(orderId)).toEqual([{ reason, status: 'APPROVED', amount: 19_900 }]);
    expect(await at.seats(session)).toEqual(before);
  });

  test('while the session service does not answer, the money waits', async () => {
    const { orderId } = await ended();
    await pay(orderId);
    at.stand.neighbours.down.add('session');
    await at.do.runSagas();
    expect([await at.refunds(orderId), (await at.order(orderId)).status]).toEqual([[], 'EXPIRED']);
    at.stand.neighbours.down.clear();
    at.stand.clock.advance(MINUTE);
    await at.do.runSagas();
    expect((await at.order(orderId)).status).toBe('SUCCEEDED');
  });
});

test('an order that was paid although its booking is gone is cancelled, and the money goes back', async () => {
  const { id, orderId } = await at.booked('asha', at.session());
  await at.stand.sql(`update session_bookings set status = 'CANCELLED' where id = $1`, [id]);
  await pay(orderId);
  expect(await at.order(orderId ?? '')).toMatchObject({ status: 'CANCELLED', statusReason: 'SEAT_GONE' });
  expect(await at.refunds(orderId ?? '')).toEqual([{ reason: 'SEAT_GONE', status: 'APPROVED', amount: 19_900 }]);
});

test('a blocked user’s held seat goes to who is next', async () => {
  const session = at.session({ capacity: 1 });
  await at.booked('dina', session);
  await at.do.join('dina 2', session);
  const { cancelOrdersOfBlocked } = await import('../../../src/commands/cancel-blocked.js');
  const inbox = { topic: 'user.account.blocked.v1', eventKey: 'dina' };
  await cancelOrdersOfBlocked(at.stand.env, [{ userId: idOf('dina'), inbox }]);
  expect(await at.bookingsOf('dina')).toMatchObject([{ status: 'CANCELLED', reason: 'ACCOUNT_BLOCKED' }]);
  expect(await at.bookingsOf('dina 2')).toMatchObject([{ status: 'PENDING' }]);
  expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
});
