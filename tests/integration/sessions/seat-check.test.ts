import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { correctSeats } from '../../../src/commands/correct-seats.js';
import { createJoinSessionWaitlist } from '../../../src/commands/session-waitlist.js';
import { Money } from '../../../src/entities/money.js';
import { lostBookings, seatDifferences } from '../../../src/queries/seat-check.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, type OrderStand } from '../../support/order-stand.js';

const free = new Money(0n, 'INR');
const priced = new Money(19_900n, 'INR');

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());
beforeEach(() =>
  stand.sql('truncate orders, sagas, outbox, session_seats, session_bookings, session_booking_events cascade'),
);

/** A session with two seats that these people book, one after the other. */
async function sessionOf(name: string, price: Money, ...people: string[]): Promise<string> {
  const sessionId = stand.neighbours.addSession(name, { price });
  for (const person of people) await book(person, sessionId);
  return sessionId;
}

async function book(person: string, sessionId: string): Promise<void> {
  const outcome = await stand.bookSession(idOf(person), { sessionId, idempotencyKey: null });
  expect(outcome).toHaveProperty('booking');
}

const wait = (person: string, sessionId: string) => createJoinSessionWaitlist(stand.env)(idOf(person), sessionId);
const seatsOf = (sessionId: string) =>
  stand.sql(`select taken, waiting, last_place::int as "lastPlace" from session_seats where session_id = $1`, [
    sessionId,
  ]);

describe('given sessions that people have booked and wait for', () => {
  test('then nothing differs', async () => {
    const full = await sessionOf('full', free, 'asha', 'ravi');
    await sessionOf('half full', priced, 'asha');
    await wait('mira', full);

    expect(await seatsOf(full)).toEqual([{ taken: 2, waiting: 1, lastPlace: 1 }]);
    expect(await seatDifferences(stand.fork)).toEqual([]);
    expect(await lostBookings(stand.fork)).toEqual([]);
  });

  test('when counts are wrong, then each session is named, and counted anew', async () => {
    const tooMany = await sessionOf('too many', free, 'asha');
    const noLine = await sessionOf('no line', free, 'asha', 'ravi');
    const right = await sessionOf('right', free, 'asha');
    await wait('mira', noLine);
    await stand.sql('update session_seats set taken = 2, check_at = null where session_id = $1', [tooMany]);
    await stand.sql('update session_seats set waiting = 0, last_place = 0 where session_id = $1', [noLine]);

    const found = await seatDifferences(stand.fork);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({ sessionId: tooMany, counted: '2/0', actual: '1/0' });
    expect(found).toContainEqual({ sessionId: noLine, counted: '2/0', actual: '2/1' });
    await correctSeats(stand.fork);

    expect(await seatDifferences(stand.fork)).toEqual([]);
    expect(await seatsOf(tooMany)).toEqual([{ taken: 1, waiting: 0, lastPlace: 0 }]);
    expect(await seatsOf(noLine)).toEqual([{ taken: 2, waiting: 1, lastPlace: 1 }]);
    const askedSoon = await stand.sql<{ id: string }>(
      `select session_id as id from session_seats where check_at between now() - interval '1 min' and now()`,
    );
    expect(askedSoon.map(({ id }) => id).sort()).toEqual([tooMany, noLine].sort());
    expect(await seatsOf(right)).toEqual([{ taken: 1, waiting: 0, lastPlace: 0 }]);
  });

  test('when seats were lost, then they are made again, and can be booked', async () => {
    const sessionId = await sessionOf('lost', priced, 'asha');
    await stand.sql('delete from session_seats where session_id = $1', [sessionId]);

    expect(await seatDifferences(stand.fork)).toEqual([{ sessionId, counted: 'none', actual: '1/0' }]);
    await correctSeats(stand.fork);

    expect(await seatDifferences(stand.fork)).toEqual([]);
    await book('ravi', sessionId);
    expect(await stand.sql('select taken, capacity, price_minor::int as price from session_seats')).toEqual([
      { taken: 2, capacity: 2, price: 19_900 },
    ]);
  });

  test('when a seat is booked while it is counted anew, then that seat is counted too', async () => {
    const sessionId = await sessionOf('busy', free, 'asha');
    await stand.sql('update session_seats set taken = 0');
    const booker = new pg.Client({ connectionString: stand.databaseUrl });
    await booker.connect();
    await booker.query('begin');
    await booker.query('update session_seats set taken = taken + 1');
    await booker.query(`insert into session_bookings
      (id, session_id, attendee_id, status, price_minor, currency, booked_at, updated_at, version)
      select gen_random_uuid(), session_id, gen_random_uuid(), 'CONFIRMED', 0, 'INR', now(), now(), 1 from session_seats`);
    const correcting = correctSeats(stand.fork);
    await eventually(
      () => stand.sql(`select 1 from pg_locks where not granted`),
      (waiting) => waiting.length === 1,
    );
    await booker.query('commit');
    await Promise.all([correcting, booker.end()]);

    expect(await seatsOf(sessionId)).toEqual([{ taken: 2, waiting: 0, lastPlace: 0 }]);
    expect(await seatDifferences(stand.fork)).toEqual([]);
  });
});

describe('given a priced seat', () => {
  const only = async (table: string) => (await stand.sql<{ id: string }>(`select id from ${table}`))[0]?.id as string;
  const givenUpAfterPaying = () =>
    stand.sql(`with paid as (update orders set status = 'SUCCEEDED'), seats as (update session_seats set taken = 0)
      update session_bookings set status = 'CANCELLED'`);
  const refund = (status: string, items: string) =>
    stand.sql(
      `insert into order_refunds (id, order_id, item_ids, status, reason, amount_minor, currency, requested_at)
       select gen_random_uuid(), id, $2::jsonb, $1, 'REQUESTED_BY_BUYER', 19900, 'INR', now() from orders`,
      [status, items],
    );

  test('when its order has ended, but it is still held, then it is without its order', async () => {
    await sessionOf('held', priced, 'asha');
    await stand.sql(`update orders set status = 'EXPIRED'`);
    const [bookingId, orderId] = [await only('session_bookings'), await only('orders')];
    expect(await lostBookings(stand.fork)).toEqual([{ bookingId, orderId, orderStatus: 'EXPIRED' }]);
  });

  test('when it waits for an order that it never had, then it is without its order', async () => {
    await sessionOf('never ordered', priced, 'asha');
    await stand.sql('update session_bookings set order_id = null');
    const bookingId = await only('session_bookings');
    expect(await lostBookings(stand.fork)).toEqual([{ bookingId, orderId: null, orderStatus: null }]);
  });

  test.each(['CONFIRMED', 'COMPLETED'])('when it is paid and %s, then nothing is wrong', async (status) => {
    await sessionOf(`paid ${status}`, priced, 'asha');
    await stand.sql(`update orders set status = 'SUCCEEDED'`);
    await stand.sql('update session_bookings set status = $1', [status]);
    expect(await lostBookings(stand.fork)).toEqual([]);
  });

  test.each([
    ['nothing goes back', 1, []],
    ['the refund was rejected', 1, ['REJECTED', '["seat"]']],
    ['only a capture that came too much goes back', 1, ['APPROVED', '[]']],
    ['a refund is open', 0, ['APPROVED', '["seat"]']],
    ['a refund is settled', 0, ['SUCCEEDED', '["seat"]']],
  ])(
    'when it was paid and given up, and %s, then %i paid orders are without their seat',
    async (_, wrongs, [status, items]) => {
      await sessionOf(`given up ${status} ${items}`, priced, 'asha');
      await givenUpAfterPaying();
      if (status && items) await refund(status, items);
      const lost = { bookingId: null, orderId: await only('orders'), orderStatus: 'SUCCEEDED' };
      expect(await lostBookings(stand.fork)).toEqual(wrongs ? [lost] : []);
    },
  );
});
