import { describe, expect, test } from '@jest/globals';
import { recordCancelledSessions } from '../../../src/commands/record-cancelled-sessions.js';
import { FREE, HOUR, sessionStand } from './session-stand.js';

const at = sessionStand();
const cancelled = (sessionId: string) =>
  recordCancelledSessions(at.stand.env, [
    { sessionId, inbox: { topic: 'session.cancelled.v1', eventKey: `cancelled ${sessionId}` } },
  ]);
/** The next turn of every session to be asked about has come. */
async function nextWatch(hours = 1) {
  at.stand.clock.advance(hours * HOUR);
  await at.do.watch();
  await at.do.runSagas();
}

describe('given a session with a free, a held and a paid seat, and somebody in line', () => {
  async function busySession() {
    const session = at.session({ capacity: 2 });
    const held = await at.booked('holder', session);
    const paid = await at.paid('payer', session);
    await at.do.join('waiter', session);
    return { session, held, paid };
  }

  test.each([
    ['the session service says that it was cancelled', async (session: string) => void (await cancelled(session))],
    [
      'it is not found when it is asked about',
      async (session: string) => {
        at.stand.neighbours.liveSessions.delete(session);
        at.stand.clock.advance(6 * 60_000);
        await at.do.watch();
      },
    ],
  ])('when %s, every booking ends, money goes back, nobody waits any more', async (_, happen) => {
    const { session, held, paid } = await busySession();
    await happen(session);
    expect(await at.do.book('late', session)).toMatchObject({
      code: 'SESSION_UNAVAILABLE',
      sessionReason: 'CANCELLED',
    });
    await at.do.runSagas();
    expect(await at.bookingsIn(session)).toMatchObject([
      { status: 'CANCELLED', reason: 'SESSION_CANCELLED' },
      { status: 'CANCELLED', reason: 'SESSION_CANCELLED' },
    ]);
    expect(await at.order(held.orderId ?? '')).toMatchObject({
      status: 'CANCELLED',
      statusReason: 'SESSION_CANCELLED',
    });
    expect(await at.refunds(paid.orderId)).toEqual([
      { reason: 'SESSION_CANCELLED', status: 'APPROVED', amount: 19_900 },
    ]);
    expect([await at.seats(session), await at.line(session)]).toEqual([{ taken: 0, waiting: 0 }, []]);
    expect(await at.stand.sql(`select 1 from sagas where kind = 'SESSION_BOOKING'`)).toEqual([]);
  });

  test('the news coming again changes nothing', async () => {
    const { session } = await busySession();
    expect(await cancelled(session)).toEqual(['applied']);
    await at.do.runSagas();
    const before = await at.stand.counts();
    expect(await cancelled(session)).toEqual(['repeated']);
    await at.do.runSagas();
    expect(await at.stand.counts()).toEqual(before);
  });

  test('money that comes for the cancelled seat goes back as SESSION_CANCELLED', async () => {
    const { session, held } = await busySession();
    await cancelled(session);
    await at.do.runSagas();
    await at.do.tell(held.orderId ?? '', 'succeeded');
    await at.do.runSagas();
    expect(await at.refunds(held.orderId ?? '')).toMatchObject([{ reason: 'SESSION_CANCELLED', status: 'APPROVED' }]);
  });

  test('money that comes between the news and the saga is refunded by the saga', async () => {
    const { session, held } = await busySession();
    await cancelled(session);
    await at.do.tell(held.orderId ?? '', 'succeeded');
    await at.do.runSagas();
    expect(await at.refunds(held.orderId ?? '')).toMatchObject([{ reason: 'SESSION_CANCELLED', status: 'APPROVED' }]);
    expect(await at.status(held.id)).toMatchObject({ status: 'CANCELLED', reason: 'SESSION_CANCELLED' });
  });
});

describe('after its end', () => {
  test('confirmed bookings are completed, once, and the session is asked about no more', async () => {
    const session = at.session({ price: FREE });
    const { id } = await at.booked('asha', session);
    await nextWatch(242);
    expect(await at.status(id)).toMatchObject({ status: 'COMPLETED', version: 3 });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
    await nextWatch();
    await nextWatch();
    expect(await at.status(id)).toMatchObject({ status: 'COMPLETED', version: 3 });
    expect(await at.stand.sql('select check_at from session_seats where session_id = $1', [session])).toEqual([
      { check_at: null },
    ]);
  });

  test('a session that was put off is completed after its new end', async () => {
    const session = at.session({ price: FREE });
    const { id } = await at.booked('asha', session);
    const end = new Date(at.stand.clock.now().getTime() + 500 * HOUR);
    at.change(session, { startsAt: new Date(end.getTime() - HOUR), endsAt: end });
    await nextWatch(242);
    expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED' });
    await nextWatch(300);
    expect(await at.status(id)).toMatchObject({ status: 'COMPLETED' });
  });

  test('a completed seat is given back by operators only; the booking stays completed', async () => {
    const session = at.session();
    const { id, orderId } = await at.paid('asha', session);
    await nextWatch(242);
    expect(await at.do.requestRefund('asha', orderId)).toMatchObject({ reason: 'CANCELLATION_WINDOW_CLOSED' });
    expect(await at.do.requestRefund('operator', orderId)).toMatchObject({ refund: { status: 'APPROVED' } });
    await at.settle(orderId);
    expect(await at.order(orderId)).toMatchObject({ status: 'REFUNDED' });
    expect(await at.status(id)).toMatchObject({ status: 'COMPLETED', version: 3 });
  });

  test('whoever waits when it begins waits no more', async () => {
    const session = at.session({ capacity: 1, price: FREE });
    await at.booked('asha', session);
    await at.do.join('bela', session);
    await nextWatch(240.5);
    expect([await at.seats(session), await at.line(session)]).toEqual([{ taken: 1, waiting: 0 }, []]);
  });
});

test('while the session service does not answer nothing happens to anybody; it is asked again soon', async () => {
  const session = at.session({ price: FREE });
  const { id } = await at.booked('asha', session);
  at.stand.neighbours.down.add('session');
  at.stand.neighbours.liveSessions.delete(session);
  await nextWatch();
  expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED' });
  at.stand.neighbours.down.clear();
  at.stand.clock.advance(31_000);
  await at.do.watch();
  await at.do.runSagas();
  expect(await at.status(id)).toMatchObject({ status: 'CANCELLED' });
});
