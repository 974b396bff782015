import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { orderNumber } from '../../src/entities/order-number.js';
import { shardOf } from '../../src/persistence/outbox-message.js';
import { prepared, words } from '../support/prepared.js';
import type { Cart } from './carts.js';

const FIND = {
  name: 'find key',
  text: 'select viewer_id, operation, key, request_hash, result, lease_until, created_at from idempotency where viewer_id = $1 and operation = $2 and key = $3 limit 1',
};
const ORDER = prepared(
  'orders',
  words(`id number status status_reason status_note fulfilment buyer_id coupon_code currency subtotal_minor discount_minor
    tax_minor total_minor captured_minor refunded_minor revision placed_at payable_until expires_at paid_at updated_at version`),
);
const ITEMS = prepared(
  'order_items',
  words(`id order_id revision position kind product_id title instructor_id list_price_minor discount_minor price_minor
    currency fulfilment`),
  2,
);
const CLAIMS = prepared('order_claims', words('buyer_id kind product_id order_id claimed_at'), 2);
const EVENT = prepared(
  'order_events',
  words(`id order_id buyer_id version type from to fulfilment reason note actor by_id item_id payment_id refund_id
    occurred_at recorded_at correlation_id`),
);
const OUTBOX = prepared(
  'outbox',
  words('id topic key payload headers aggregate_type aggregate_id aggregate_version shard created_at'),
);
const KEY = prepared('idempotency', words('viewer_id operation key request_hash result lease_until created_at'));

/**
 * Placing as a careful programmer would write it with `pg` alone: the same rows as the command's, by the same number of
 * statements, prepared once for each connection, one round trip each.
 */
export function placeWith(pool: pg.Pool): (cart: Cart) => Promise<void> {
  return async (cart) => {
    const client = await pool.connect();
    try {
      const hash = createHash('sha256')
        .update(JSON.stringify(cart.courses.map(({ id }) => id)))
        .digest('base64url');
      const found = await client.query({ ...FIND, values: [cart.buyerId, 'placeOrder', cart.key] });
      if (found.rowCount) throw new Error('a key was used twice');
      await client.query('begin');
      for (const statement of statementsFor(cart, hash)) await client.query(statement);
      await client.query('commit');
    } finally {
      client.release();
    }
  };
}

function statementsFor({ buyerId, courses, key }: Cart, hash: string): pg.QueryConfig[] {
  const [id, now] = [uuidv7(), new Date()];
  const until = new Date(now.getTime() + 1_800_000);
  const prices = courses.map(({ price }) => price * 100);
  const total = prices.reduce((a, b) => a + b, 0);
  const items = courses.flatMap(({ id: course, title, instructorId, currency }, i) => [
    uuidv7(),
    id,
    1,
    i,
    'COURSE',
    course,
    title,
    instructorId,
    prices[i],
    0,
    prices[i],
    currency,
    'NOT_STARTED',
  ]);
  const order = [
    id,
    orderNumber(id),
    'PENDING_PAYMENT',
    null,
    null,
    'NOT_STARTED',
    buyerId,
    null,
    'INR',
    total,
    0,
    0,
    total,
  ];
  const event = [
    uuidv7(),
    id,
    buyerId,
    1,
    'PLACED',
    null,
    'PENDING_PAYMENT',
    'NOT_STARTED',
    null,
    null,
    'BUYER',
    buyerId,
  ];
  const eventId = randomUUID();
  const topic = 'order.course.created.v1';
  const bought = courses.map((course, i) => ({ courseId: course.id, price: prices[i] }));
  const sums = { subtotal: total, discount: 0, couponDiscount: 0, tax: 0, total, currency: 'INR' };
  const payload = { orderId: id, userId: buyerId, items: bought, ...sums, orderVersion: 1 };
  const fixed = {
    eventType: 'CourseOrderCreated',
    timestamp: now.getTime(),
    eventVersion: '0.0.1',
    source: 'order-service',
  };
  const message = JSON.stringify({ eventId, ...fixed, payload });
  return [
    { ...ORDER, values: [...order, 0, 0, 1, now, until, until, null, now, 1] },
    { ...ITEMS, values: items },
    { ...CLAIMS, values: courses.flatMap((course) => [buyerId, 'COURSE', course.id, id, now]) },
    { ...EVENT, values: [...event, null, null, null, now, now, null] },
    { ...OUTBOX, values: [eventId, topic, id, message, {}, 'order', id, 1, shardOf(id), now] },
    { ...KEY, values: [buyerId, 'placeOrder', key, hash, id, null, now] },
  ];
}
