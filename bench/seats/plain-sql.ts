import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { orderNumber } from '../../src/entities/order-number.js';
import { shardOf } from '../../src/persistence/outbox-message.js';
import { prepared, words } from '../support/prepared.js';
import type { Wish } from './sessions.js';

const HOLD_MS = 600_000;
const CHECK_MS = 300_000;

const FIND_KEY = {
  name: 'find key',
  text: 'select viewer_id, operation, key, request_hash, result, lease_until, created_at from idempotency where viewer_id = $1 and operation = $2 and key = $3 limit 1',
};
const LOOK = {
  name: 'look',
  text: `select seats.*, exists (select 1 from session_bookings where attendee_id = $1 and session_id = wanted.id
      and status in ('PENDING', 'CONFIRMED')) as has_booking
    from (values ($2::uuid)) wanted (id) left join session_seats seats on seats.session_id = wanted.id`,
};
const DETAILS = words('capacity title price_minor currency instructor_id starts_at ends_at capacity_at');
const NEWER = 'excluded.capacity_at >= seats.capacity_at';
const TAKE = {
  name: 'take',
  text: `insert into session_seats as seats (session_id, ${DETAILS.join(', ')}, taken, waiting, last_place, check_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, 0, $10)
    on conflict (session_id) do update set taken = seats.taken + 1, check_at = coalesce(seats.check_at, excluded.check_at),
      ${DETAILS.map((name) => `${name} = case when ${NEWER} then excluded.${name} else seats.${name} end`).join(', ')}
    where seats.gone_at is null and seats.waiting = 0
      and seats.taken < case when ${NEWER} then excluded.capacity else seats.capacity end
    returning *`,
};
const ORDER = prepared(
  'orders',
  words(`id number status status_reason status_note fulfilment buyer_id coupon_code session_id currency subtotal_minor
    discount_minor tax_minor total_minor captured_minor refunded_minor revision placed_at payable_until expires_at paid_at
    updated_at version`),
);
const ITEM = prepared(
  'order_items',
  words(`id order_id revision position kind product_id title instructor_id list_price_minor discount_minor price_minor
    currency fulfilment`),
);
const ORDER_EVENT = prepared(
  'order_events',
  words(`id order_id buyer_id version type from to fulfilment reason note actor by_id item_id payment_id refund_id
    occurred_at recorded_at correlation_id`),
);
const BOOKING = prepared(
  'session_bookings',
  words(`id session_id attendee_id order_id status status_reason status_note title price_minor currency booked_at
    confirmed_at cancelled_at updated_at version`),
);
const BOOKING_EVENT = prepared(
  'session_booking_events',
  words(
    'id booking_id attendee_id version type from to reason note actor by_id occurred_at recorded_at correlation_id',
  ),
);
const OUTBOX = prepared(
  'outbox',
  words('id topic key payload headers aggregate_type aggregate_id aggregate_version shard created_at'),
);
const KEY = prepared('idempotency', words('viewer_id operation key request_hash result lease_until created_at'));

/**
 * Booking as a careful programmer would write it with `pg` alone: the same lookups and rows as the command's, by the same
 * number of statements, prepared once for each connection, one round trip each.
 */
export function bookWith(pool: pg.Pool): (wish: Wish) => Promise<void> {
  return (wish) =>
    connected(pool, async (client) => {
      const { taken, capacity } = await look(client, wish);
      if (taken >= capacity) throw new Error('the session is full');
      const [bookingId, orderId, now] = [uuidv7(), uuidv7(), new Date()];
      await client.query('begin');
      const seats = await client.query({ ...TAKE, values: seatValues(wish, now) });
      if (!seats.rowCount) throw new Error('no seat was free');
      for (const statement of orderRows(wish, orderId, now)) await client.query(statement);
      for (const statement of bookingRows(wish, { bookingId, orderId, now })) await client.query(statement);
      await client.query('commit');
    });
}

/** The refusal where all seats are taken: the same lookups as the command's. */
export function refuseWith(pool: pg.Pool): (wish: Wish) => Promise<void> {
  return (wish) =>
    connected(pool, async (client) => {
      const { taken, capacity } = await look(client, wish);
      if (taken < capacity) throw new Error('the session is not full');
    });
}

async function connected(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await work(client);
  } finally {
    client.release();
  }
}

/** The two questions before a booking. */
async function look(client: pg.PoolClient, wish: Wish): Promise<{ taken: number; capacity: number }> {
  const { attendeeId, session, key } = wish;
  const known = await client.query({ ...FIND_KEY, values: [attendeeId, 'bookSession', key] });
  if (known.rowCount) throw new Error('a key was used twice');
  const { rows } = await client.query<{ taken: number | null; has_booking: boolean }>({
    ...LOOK,
    values: [attendeeId, session.id],
  });
  if (rows[0]?.has_booking) throw new Error('somebody has a seat already');
  return { taken: rows[0]?.taken ?? 0, capacity: session.capacity };
}

function seatValues({ session }: Wish, now: Date): unknown[] {
  const { id, capacity, title, price, instructorId, startsAt, endsAt } = session;
  const checkAt = new Date(now.getTime() + CHECK_MS);
  return [id, capacity, title, price.minor, price.currency, instructorId, startsAt, endsAt, now, checkAt];
}

function orderRows({ attendeeId, session }: Wish, id: string, now: Date): pg.QueryConfig[] {
  const { id: sessionId, title, price, instructorId } = session;
  const [{ minor, currency }, until] = [price, new Date(now.getTime() + HOLD_MS)];
  const head = [id, orderNumber(id), 'PENDING_PAYMENT', null, null, 'NOT_STARTED', attendeeId, null, sessionId];
  const item = [uuidv7(), id, 1, 0, 'SESSION', sessionId, title, instructorId, minor, 0, minor, currency];
  const event = [uuidv7(), id, attendeeId, 1, 'PLACED', null, 'PENDING_PAYMENT', 'NOT_STARTED', null, null];
  return [
    { ...ORDER, values: [...head, currency, minor, 0, 0, minor, 0, 0, 1, now, until, until, null, now, 1] },
    { ...ITEM, values: [...item, 'NOT_STARTED'] },
    { ...ORDER_EVENT, values: [...event, 'BUYER', attendeeId, null, null, null, now, now, null] },
  ];
}

function bookingRows(
  { attendeeId, session, key }: Wish,
  { bookingId: id, orderId, now }: { readonly bookingId: string; readonly orderId: string; readonly now: Date },
): pg.QueryConfig[] {
  const { id: sessionId, title, price } = session;
  const { minor, currency } = price;
  const booking = [id, sessionId, attendeeId, orderId, 'PENDING', null, null, title, minor, currency];
  const event = [uuidv7(), id, attendeeId, 1, 'CREATED', null, 'PENDING', null, null, 'BUYER', attendeeId];
  const [eventId, topic] = [randomUUID(), 'session.booking.created.v1'];
  const payload = { bookingId: id, sessionId, userId: attendeeId, orderId, amount: Number(minor), currency };
  const fixed = { eventType: 'SessionBookingCreated', timestamp: now.getTime(), eventVersion: '0.0.1' };
  const told = { ...payload, status: 'pending', bookingVersion: 1 };
  const message = JSON.stringify({ eventId, ...fixed, source: 'order-service', payload: told });
  const hash = createHash('sha256').update(JSON.stringify({ sessionId })).digest('base64url');
  return [
    { ...BOOKING, values: [...booking, now, null, null, now, 1] },
    { ...BOOKING_EVENT, values: [...event, now, now, null] },
    { ...OUTBOX, values: [eventId, topic, id, message, {}, 'session-booking', id, 1, shardOf(id), now] },
    { ...KEY, values: [attendeeId, 'bookSession', key, hash, id, null, now] },
  ];
}
