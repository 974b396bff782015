import { describe, expect, test } from '@jest/globals';
import { createBookSession } from '../../../src/commands/book-session.js';
import { createRestoreOrder } from '../../../src/commands/restore-order.js';
import { idOf } from '../../support/ids.js';
import { FREE, sessionStand } from './session-stand.js';

const at = sessionStand();

/** A process in which `happens` is done before the transaction number `before` begins. */
async function processIn(before: number, happens: () => Promise<unknown>) {
  const { env } = await at.stand.newProcess();
  let transactions = 0;
  const fork = () => {
    const em = env.fork();
    const transactional = em.transactional.bind(em);
    em.transactional = (async (...args: Parameters<typeof transactional>) => {
      if (++transactions === before) await happens();
      return transactional(...args);
    }) as typeof em.transactional;
    return em;
  };
  return { ...env, fork };
}

describe('given the last seat of a session', () => {
  test('when its attendee clicks ten times at once, then one click books it, and the others find that booking', async () => {
    const session = at.session({ capacity: 1, price: FREE });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => at.do.book('asha', session)));
    const booked = outcomes.flatMap((outcome) => ('replayed' in outcome ? outcome.booking.id : []));
    expect(booked).toHaveLength(1);
    const others = outcomes.filter((outcome) => !('replayed' in outcome));
    expect(others.map((outcome) => outcome)).toEqual(
      Array.from({ length: 9 }, () =>
        expect.objectContaining({ code: 'ALREADY_BOOKED', booking: expect.objectContaining({ id: booked[0] }) }),
      ),
    );
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('when the first click gets it between the look and the lock of the second, then that finds the booking', async () => {
    const session = at.session({ capacity: 1 });
    const env = await processIn(1, () => at.booked('asha', session));
    const second = await createBookSession(env)(idOf('asha'), { sessionId: session, idempotencyKey: null });
    const [booking] = await at.bookingsIn(session);
    expect(second).toMatchObject({ code: 'ALREADY_BOOKED', booking: { id: booking?.id } });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('when somebody else gets it there, then the session is full', async () => {
    const session = at.session({ capacity: 1 });
    const env = await processIn(1, () => at.booked('bela', session));
    const second = await createBookSession(env)(idOf('asha'), { sessionId: session, idempotencyKey: null });
    expect(second).toMatchObject({ code: 'SESSION_FULL', session: { id: session } });
  });

  test.each([
    ['asha', 'ALREADY_BOOKED'],
    ['bela', 'SESSION_FULL'],
  ])('when %s books it while asha restores an order of it, then that is %s', async (name, code) => {
    const session = at.session({ capacity: 1 });
    const { orderId } = await at.booked('asha', session);
    expect(await at.do.cancelOrder('asha', orderId ?? '')).toMatchObject({ order: { status: 'CANCELLED' } });
    const env = await processIn(2, () => at.booked(name, session));
    const actor = { userId: idOf('asha'), isOperator: false };
    const input = { orderId: orderId ?? '', couponCode: null, expectedVersion: null };
    expect(await createRestoreOrder(env)(actor, input)).toMatchObject({ code });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });
});
