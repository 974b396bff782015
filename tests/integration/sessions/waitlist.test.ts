import { describe, expect, test } from '@jest/globals';
import { cancelOrdersOfBlocked } from '../../../src/commands/cancel-blocked.js';
import { idOf } from '../../support/ids.js';
import { Money } from '../../../src/entities/money.js';
import { FREE, PRICE, sessionCommands, sessionStand } from './session-stand.js';

const at = sessionStand();
const HOLD_MS = 10 * 60_000;

/** A session with one seat, which `first` has. */
async function fullSession(changes = {}) {
  const session = at.session({ capacity: 1, price: FREE, ...changes });
  const first = await at.booked('first', session);
  return { session, first };
}

describe('the line', () => {
  test('is joined in order; twice answers the same position', async () => {
    const { session } = await fullSession();
    for (const [name, position] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['b', 2],
    ] as const) {
      expect(await at.do.join(name, session)).toEqual({ sessionId: session, position });
    }
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 3 });
    expect(await at.line(session)).toEqual([idOf('a'), idOf('b'), idOf('c')]);
  });

  test('is left: those behind move up; leaving twice, or without having joined, is success too', async () => {
    const { session } = await fullSession();
    for (const name of ['a', 'b', 'c']) await at.do.join(name, session);
    for (const name of ['a', 'a', 'nobody']) {
      expect(await at.do.leave(name, session)).toEqual({ sessionId: session });
    }
    expect(await at.do.join('c', session)).toMatchObject({ position: 2 });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 2 });
  });

  test('of a session that nobody has booked is left before it is joined, also while nobody can be asked', async () => {
    const session = at.session();
    expect(await at.do.leave('a', session)).toEqual({ sessionId: session });
    at.stand.neighbours.down.add('session');
    expect(await at.do.leave('a', session)).toEqual({ sessionId: session });
    expect(await at.seats(session)).toBeUndefined();
  });

  test.each([
    ['in an unknown currency', { price: new Money(100n, 'ZZZ') }],
    ['that is no exact float', { price: new Money(999_999_999n, 'INR') }],
  ])('of a session whose price has become one %s gets no seat, and nobody loses their place', async (_, news) => {
    const { session, first } = await fullSession({ price: PRICE });
    for (const name of ['a', 'b']) await at.do.join(name, session);
    await at.stand.sql('update session_seats set price_minor = $2, currency = $3 where session_id = $1', [
      session,
      String(news.price.minor),
      news.price.currency,
    ]);
    await at.do.cancel('first', first.id);
    expect([await at.seats(session), await at.line(session)]).toEqual([
      { taken: 0, waiting: 2 },
      [idOf('a'), idOf('b')],
    ]);
  });

  test('of a session that nobody knows cannot be left', async () => {
    expect(await at.do.leave('a', idOf('no such session'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await at.do.leave('a', 'x')).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: 'sessionId' }] });
  });

  test.each([
    ['SEATS_AVAILABLE', 'a seat is left', () => at.do.join('a', at.session())],
    ['NOT_FOUND', 'there is no session', () => at.do.join('a', idOf('no such session'))],
    ['SESSION_UNAVAILABLE', 'it has begun', () => at.do.join('a', at.session({ startsAt: at.stand.clock.now() }))],
    ['ALREADY_BOOKED', 'they have a seat', async () => at.do.join('first', (await fullSession()).session)],
    [
      'SERVICE_UNAVAILABLE',
      'nobody can be asked',
      () => {
        at.stand.neighbours.down.add('session');
        return at.do.join('a', at.session());
      },
    ],
    [
      'ACCOUNT_BLOCKED',
      'they are blocked',
      () => {
        at.stand.neighbours.blocked.add(idOf('a'));
        return at.do.join('a', at.session());
      },
    ],
  ])('refuses with %s when %s', async (code, _, join) => {
    const lines = await at.stand.counts();
    expect(await join()).toMatchObject({ code });
    expect((await at.stand.counts()).session_waitlist).toBe(lines.session_waitlist);
  });

  test('twenty people at once over two processes get twenty different places', async () => {
    const { session } = await fullSession();
    const other = sessionCommands(await at.stand.newProcess());
    const people = Array.from({ length: 20 }, (_, i) => `person ${i}`);
    const outcomes = await Promise.all(people.map((name, i) => (i % 2 ? other : at.do).join(name, session)));
    const positions = outcomes.map((outcome) => ('position' in outcome ? outcome.position : 0));
    expect(positions.sort((a, b) => a - b)).toEqual(people.map((_, i) => i + 1));
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 20 });
  });
});

describe('a seat that becomes free', () => {
  test('of a free session is confirmed for the first in line, in the same transaction, with a notice', async () => {
    const { session, first } = await fullSession();
    await at.do.join('a', session);
    await at.do.join('b', session);
    await at.do.cancel('first', first.id);
    expect(await at.bookingsOf('a')).toMatchObject([{ status: 'CONFIRMED' }]);
    expect([await at.seats(session), await at.line(session)]).toEqual([{ taken: 1, waiting: 1 }, [idOf('b')]]);
    expect(await at.notices(session)).toEqual(['SEAT_GIVEN']);
  });

  test('of a priced one is held for them by an order', async () => {
    const { session, first } = await fullSession({ price: PRICE });
    await at.do.join('p', session);
    await at.do.cancel('first', first.id);
    const [booking] = await at.bookingsOf('p');
    expect(booking).toMatchObject({ status: 'PENDING' });
    const order = await at.order(String(booking?.['order_id']));
    expect(order).toMatchObject({ status: 'PENDING_PAYMENT', buyerId: idOf('p'), totalMinor: 19_900n });
    expect(await at.notices(session)).toEqual(['SEAT_OFFERED']);
  });

  test('goes to nobody else meanwhile: not to who is not in line, who restores, or who books', async () => {
    const { session, first } = await fullSession({ price: PRICE });
    await at.do.join('q', session);
    await at.do.cancel('first', first.id);
    expect(await at.do.book('stranger', session)).toMatchObject({ code: 'SESSION_FULL' });
    expect(await at.do.restore('first', first.orderId ?? '')).toMatchObject({ code: 'SESSION_FULL' });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('missed, it goes to the next', async () => {
    const { session, first } = await fullSession({ price: PRICE });
    await at.do.join('r', session);
    await at.do.join('s', session);
    await at.do.cancel('first', first.id);
    await at.do.sendNotices();
    at.stand.clock.advance(HOLD_MS + 60_000);
    await at.do.expire();
    expect(await at.bookingsOf('r')).toMatchObject([{ status: 'EXPIRED' }]);
    expect(await at.bookingsOf('s')).toMatchObject([{ status: 'PENDING' }]);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('more seats go to those who wait, in order; what is left can be booked', async () => {
    const { session } = await fullSession();
    for (const name of ['t', 'u', 'v']) await at.do.join(name, session);
    at.change(session, { capacity: 3 });
    expect(await at.do.book('stranger', session)).toMatchObject({ code: 'SESSION_FULL' });
    expect(await at.line(session)).toEqual([idOf('v')]);
    at.change(session, { capacity: 9 });
    expect(await at.do.book('stranger', session)).toMatchObject({ booking: { status: 'CONFIRMED' } });
    expect([await at.seats(session), await at.line(session)]).toEqual([{ taken: 5, waiting: 0 }, []]);
  });

  test('also when only the watch hears of them', async () => {
    const { session } = await fullSession();
    await at.do.join('w', session);
    at.change(session, { capacity: 2 });
    at.stand.clock.advance(6 * 60_000);
    await at.do.watch();
    expect(await at.bookingsOf('w')).toMatchObject([{ status: 'CONFIRMED' }]);
  });

  test('is nobody’s when the session has begun', async () => {
    const start = new Date(at.stand.clock.now().getTime() + 60_000);
    const { session, first } = await fullSession({ startsAt: start });
    await at.do.join('x', session);
    at.stand.clock.advance(120_000);
    await at.do.cancel('operator', first.id);
    expect([await at.bookingsOf('x'), await at.seats(session)]).toEqual([[], { taken: 0, waiting: 1 }]);
  });

  test('is not for blocked users: they are in line no more', async () => {
    const { session, first } = await fullSession();
    await at.do.join('blocked', session);
    await at.do.join('y', session);
    const inbox = { topic: 'user.account.blocked.v1', eventKey: 'blocked' };
    await cancelOrdersOfBlocked(at.stand.env, [{ userId: idOf('blocked'), inbox }]);
    await at.do.cancel('first', first.id);
    expect([await at.bookingsOf('blocked'), await at.bookingsOf('y')]).toMatchObject([[], [{ status: 'CONFIRMED' }]]);
  });
});

describe('the time of an offered seat', () => {
  async function offered() {
    const { session, first } = await fullSession({ price: PRICE });
    const name = `waiter of ${session}`;
    await at.do.join(name, session);
    await at.do.cancel('first', first.id);
    const [booking] = await at.bookingsOf(name);
    return { session, orderId: String(booking?.['order_id']), bookingId: String(booking?.['id']) };
  }
  const told = (bookingId: string) =>
    at.stand.sql<{ topic: string; payload: string }>('select topic, payload from outbox where aggregate_id = $1', [
      bookingId,
    ]);

  test('begins with its notice, which names the deadline, by e-mail and in the app', async () => {
    const { orderId, bookingId } = await offered();
    at.stand.clock.advance(5 * 60_000);
    await at.do.sendNotices();
    const deadline = new Date(at.stand.clock.now().getTime() + HOLD_MS);
    expect(await at.order(orderId)).toMatchObject({ expiresAt: deadline, payableUntil: deadline, version: 1 });
    const notices = (await told(bookingId)).filter(({ topic }) => topic.startsWith('notification.'));
    expect(notices.map(({ topic }) => topic).sort()).toEqual([
      'notification.channel.email.v1',
      'notification.channel.in-app.v1',
    ]);
    const clock = deadline.toLocaleTimeString('en-IN', { timeStyle: 'short', timeZone: 'UTC' });
    for (const { payload } of notices) expect(payload).toContain(clock);
  });

  test('does not run out before: while the user service tells no address the seat stays held', async () => {
    const { orderId, bookingId } = await offered();
    at.stand.neighbours.down.add('user');
    await at.do.sendNotices();
    at.stand.clock.advance(HOLD_MS + 1_000);
    await at.do.expire();
    expect(await at.status(bookingId)).toMatchObject({ status: 'PENDING' });
    await at.stand.sql('update notices set lease_until = null');
    await at.do.sendNotices();
    expect((await told(bookingId)).filter(({ topic }) => topic.startsWith('notification.'))).toHaveLength(1);
    expect((await at.order(orderId)).expiresAt).toEqual(new Date(at.stand.clock.now().getTime() + HOLD_MS));
  });

  test('who has given the seat up before is not told of it', async () => {
    const { session, bookingId } = await offered();
    await at.do.cancel(`waiter of ${session}`, bookingId);
    await at.do.sendNotices();
    expect((await told(bookingId)).filter(({ topic }) => topic.startsWith('notification.'))).toEqual([]);
  });
});
