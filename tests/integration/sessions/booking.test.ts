import { describe, expect, test } from '@jest/globals';
import { createBookSession } from '../../../src/commands/book-session.js';
import { Money } from '../../../src/entities/money.js';
import { idOf } from '../../support/ids.js';
import { FREE, HOUR, sessionCommands, sessionStand } from './session-stand.js';

const at = sessionStand();
const topics = async (aggregateId: string) =>
  (
    await at.stand.sql<{ topic: string }>(
      'select topic from outbox where aggregate_id = $1 order by aggregate_version',
      [aggregateId],
    )
  ).map(({ topic }) => topic);

describe('given a free session', () => {
  test('then a seat is confirmed at once, without an order', async () => {
    const session = at.session({ price: FREE });
    const booking = await at.booked('asha', session);
    expect(booking).toMatchObject({ status: 'CONFIRMED', orderId: null, priceMinor: 0n, version: 2 });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
    expect(await topics(booking.id)).toEqual(['session.booking.created.v1', 'session.booking.confirmed.v1']);
  });
});

describe('given a priced session', () => {
  test('then a seat is held for ten minutes by an order of one item, of which the course service hears nothing', async () => {
    const session = at.session();
    const booking = await at.booked('asha', session);
    expect(booking).toMatchObject({ status: 'PENDING', priceMinor: 19_900n, version: 1 });
    const order = await at.order(booking.orderId ?? '');
    expect(order).toMatchObject({ sessionId: session, status: 'PENDING_PAYMENT', totalMinor: 19_900n });
    expect(order.expiresAt).toEqual(new Date(at.stand.clock.now().getTime() + 10 * 60_000));
    expect(order.currentItems).toMatchObject([{ kind: 'SESSION', productId: session, priceMinor: 19_900n }]);
    expect(await topics(order.id)).toEqual([]);
    expect(await topics(booking.id)).toEqual(['session.booking.created.v1']);
  });

  test('it costs one read and two messages to write', async () => {
    const session = at.session();
    await at.booked('somebody', session);
    at.stand.proxy.takeStatements();
    await at.booked('asha', session);
    const sent = at.stand.proxy.takeStatements().map((sql) => sql.split(/\s+/).slice(0, 2).join(' '));
    expect(sent).toEqual(['select seats.*,', 'begin; insert', 'insert into']);
  });

  test('the listener is told of the order and of the booking, after the commit', async () => {
    at.stand.commits.splice(0);
    at.stand.bookingCommits.splice(0);
    const { id, orderId } = await at.booked('bela', at.session());
    expect(at.stand.bookingCommits).toEqual([{ id, attendeeId: idOf('bela'), version: 1 }]);
    expect(at.stand.commits).toEqual([{ id: orderId, buyerId: idOf('bela'), version: 1 }]);
  });
});

describe('a seat is refused, and nothing is written', () => {
  const refused = async (name: string, sessionId: string) => {
    const before = await at.stand.counts();
    const outcome = await at.do.book(name, sessionId);
    expect(await at.stand.counts()).toEqual(before);
    return outcome;
  };

  test('when none is left', async () => {
    const session = at.session({ capacity: 1 });
    await at.booked('asha', session);
    expect(await refused('bela', session)).toMatchObject({ code: 'SESSION_FULL', session: { id: session } });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test.each([
    ['STARTED', 'when it has begun', () => at.session({ startsAt: at.stand.clock.now() })],
    ['CURRENCY_UNSUPPORTED', 'in an unknown currency', () => at.session({ price: new Money(100n, 'ZZZ') })],
    ['CURRENCY_UNSUPPORTED', 'free in an unknown currency', () => at.session({ price: new Money(0n, 'XXX') })],
    ['OWN_SESSION', 'to who teaches it', () => at.session({ instructorId: idOf('asha') })],
  ])('%s: %s', async (sessionReason, _, session) => {
    expect(await refused('asha', session())).toMatchObject({ code: 'SESSION_UNAVAILABLE', sessionReason });
  });

  test('to who has a live booking, which is the answer', async () => {
    const session = at.session();
    const { id } = await at.booked('asha', session);
    expect(await refused('asha', session)).toMatchObject({ code: 'ALREADY_BOOKED', booking: { id } });
  });

  test('to blocked and unknown users', async () => {
    at.stand.neighbours.blocked.add(idOf('chitra'));
    expect(await refused('chitra', at.session())).toMatchObject({ code: 'ACCOUNT_BLOCKED' });
  });

  test.each(['session', 'user'] as const)('while the %s service does not answer', async (service) => {
    at.stand.neighbours.down.add(service);
    expect(await refused('asha', at.session())).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service });
  });

  test('for a session that does not exist, and for what is no id', async () => {
    expect(await refused('asha', idOf('nothing'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refused('asha', 'x')).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: 'sessionId' }] });
  });
});

describe('the capacity is what the session service tells at the time', () => {
  test('raised, more seats are sold; lowered below what is taken, nobody loses a seat and nothing is sold', async () => {
    const session = at.session({ capacity: 1, price: FREE });
    await at.booked('asha', session);
    at.change(session, { capacity: 3 });
    await at.booked('bela', session);
    at.change(session, { capacity: 1 });
    expect(await at.do.book('chitra', session)).toMatchObject({ code: 'SESSION_FULL' });
    expect((await at.bookingsIn(session)).map(({ status }) => status)).toEqual(['CONFIRMED', 'CONFIRMED']);
    expect(await at.seats(session)).toEqual({ taken: 2, waiting: 0 });
  });
});

describe('the same key', () => {
  test('answers the same booking, replayed; for another session it is a conflict', async () => {
    const [session, other] = [at.session(), at.session()];
    const first = await at.do.book('asha', session, 'key-1');
    expect(first).toMatchObject({ replayed: false });
    expect(await at.do.book('asha', session, 'key-1')).toMatchObject({
      replayed: true,
      booking: { id: (first as { booking: { id: string } }).booking.id },
    });
    expect(await at.do.book('asha', other, 'key-1')).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', key: 'key-1' });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('twenty times at once over two processes: one booking, twenty equal answers', async () => {
    const session = at.session({ capacity: 50 });
    const other = sessionCommands(await at.stand.newProcess());
    const calls = Array.from({ length: 20 }, (_, i) => (i % 2 ? other : at.do).book('asha', session, 'key-2'));
    const ids = (await Promise.all(calls)).map((outcome) =>
      'replayed' in outcome ? outcome.booking.id : outcome.code,
    );
    expect(new Set(ids).size).toBe(1);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('a call that is done after another had looked for the key and before it looks for a seat answers both', async () => {
    const session = at.session({ capacity: 50 });
    const { env } = await at.stand.newProcess();
    let first: Promise<unknown> | undefined;
    const late = createBookSession({
      ...env,
      fork: () => {
        const em = env.fork();
        const execute = em.execute.bind(em);
        // The key is looked for with another method.
        em.execute = (async (...args: Parameters<typeof execute>) => {
          first ??= at.do.book('asha', session, 'key-5');
          await first;
          return execute(...args);
        }) as typeof em.execute;
        return em;
      },
    });
    const outcome = await late(idOf('asha'), { sessionId: session, idempotencyKey: 'key-5' });
    const { booking } = (await first) as { booking: { id: string } };
    expect(outcome).toMatchObject({ replayed: true, booking: { id: booking.id } });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });

  test('a lost answer to the commit is looked up: the seat is taken once', async () => {
    const session = at.session();
    at.stand.proxy.loseAnswerOf((sql) => /insert into "session_bookings".*commit/is.test(sql));
    expect(await at.do.book('asha', session, 'key-3')).toMatchObject({ replayed: false });
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
    expect(await at.bookingsIn(session)).toHaveLength(1);
  });
});

describe('many at once over two processes', () => {
  test('of 200 who want one of 10 seats 10 get one, and nobody dies in a deadlock', async () => {
    const session = at.session({ capacity: 10 });
    const other = sessionCommands(await at.stand.newProcess());
    const before = await at.deadlocks();
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 ? other : at.do).book(`person ${i}`, session)),
    );
    const codes = outcomes.map((outcome) => ('replayed' in outcome ? 'booked' : outcome.code));
    expect(codes.filter((code) => code === 'booked')).toHaveLength(10);
    expect(codes.filter((code) => code === 'SESSION_FULL')).toHaveLength(190);
    expect(await at.seats(session)).toEqual({ taken: 10, waiting: 0 });
    expect(await at.bookingsIn(session)).toHaveLength(10);
    expect(await at.deadlocks()).toBe(before);
  });

  test('one person ten times at once has one booking and one seat', async () => {
    const session = at.session({ capacity: 50, startsAt: new Date(at.stand.clock.now().getTime() + HOUR) });
    const other = sessionCommands(await at.stand.newProcess());
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, i) => (i % 2 ? other : at.do).book('eager', session)),
    );
    const codes = outcomes.map((outcome) => ('replayed' in outcome ? 'booked' : outcome.code));
    expect(codes.filter((code) => code === 'booked')).toHaveLength(1);
    expect(codes.filter((code) => code === 'ALREADY_BOOKED')).toHaveLength(9);
    expect(await at.seats(session)).toEqual({ taken: 1, waiting: 0 });
  });
});
