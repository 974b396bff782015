import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { Topic } from '../../src/messaging/topics.js';
import { shardOf } from '../../src/persistence/outbox-message.js';
import { prepared, words } from '../support/prepared.js';

interface OrderRow {
  readonly id: string;
  readonly buyer_id: string;
  readonly version: number;
  readonly total_minor: string;
}
interface ItemRow {
  readonly id: string;
  readonly product_id: string;
  readonly instructor_id: string;
  readonly price_minor: string;
}

const OF_ORDER = 'where order_id = $1';
const OWNER = { name: 'owner', text: 'select payment_id, order_id from payment_attempts where payment_id = $1' };
const TAKE_IN = {
  name: 'inbox',
  text: 'insert into inbox (topic, event_key, received_at) values ($1, $2, $3) on conflict do nothing returning topic',
};
const LOCK = { name: 'lock', text: 'select * from orders where id = $1 for no key update' };
const READS = ['payment_attempts', 'order_items', 'order_claims'].map((table) => ({
  name: `of ${table}`,
  text: `select * from ${table} ${OF_ORDER}`,
}));
const OUTBOX = prepared(
  'outbox',
  words('id topic key payload headers aggregate_type aggregate_id aggregate_version shard created_at'),
  2,
);
const REVENUE = prepared('revenue_entries', words('id day currency orders gross_minor refunded_minor'));
const SAGA = prepared('sagas', words('id kind order_id step due_at attempts failures created_at'));
const EVENTS = prepared(
  'order_events',
  words('id order_id buyer_id version type from to fulfilment actor payment_id occurred_at recorded_at'),
  2,
);
const PAY = {
  name: 'pay',
  text: `update orders set status = 'SUCCEEDED', fulfilment = 'IN_PROGRESS', captured_minor = total_minor, expires_at = null,
    paid_at = $2, updated_at = $2, version = version + 2 where id = $1 and version = $3`,
};
const BEGIN_FULFILMENT = { name: 'items', text: `update order_items set fulfilment = 'IN_PROGRESS' ${OF_ORDER}` };
const CAPTURE = {
  name: 'capture',
  text: `update payment_attempts set state = 'SUCCEEDED', capture = 'ACCEPTED', updated_at = $2 where payment_id = $1`,
};

/** Takes the news in that an order was paid: one event, one transaction, the same rows as the service writes. */
export async function recordWith(client: pg.ClientBase, orderId: string): Promise<void> {
  const now = new Date();
  const paymentId = `payment of ${orderId}`;
  await client.query('begin');
  await client.query({ ...OWNER, values: [paymentId] });
  const taken = await client.query({ ...TAKE_IN, values: [Topic.PAYMENT_SUCCEEDED, randomUUID(), now] });
  const { rows } = await client.query<OrderRow>({ ...LOCK, values: [orderId] });
  const [order] = rows;
  if (!order || taken.rowCount === 0) throw new Error('not a new event of a known order');
  const parts = [];
  for (const read of READS) parts.push((await client.query({ ...read, values: [orderId] })).rows);
  for (const statement of writes(order, parts[1] as ItemRow[], paymentId, now)) await client.query(statement);
  await client.query('commit');
}

function writes(order: OrderRow, items: readonly ItemRow[], paymentId: string, now: Date): pg.QueryConfig[] {
  const { id, buyer_id: buyer, version, total_minor: total } = order;
  const event = (n: number, type: string, to: string, fulfilment: string, actor: string) => [
    uuidv7(),
    id,
    buyer,
    version + n,
    type,
    'PROCESSING',
    to,
    fulfilment,
    actor,
    paymentId,
    now,
    now,
  ];
  const messages = items.flatMap((item) => [
    ...[randomUUID(), Topic.ORDER_SUCCEEDED, id, messageOf(order, item, now), {}, 'order', id, version + 2],
    ...[shardOf(id), now],
  ]);
  const events = [
    ...event(1, 'PAYMENT_SUCCEEDED', 'PROCESSING', 'NOT_STARTED', 'PAYMENT_SERVICE'),
    ...event(2, 'SUCCEEDED', 'SUCCEEDED', 'IN_PROGRESS', 'SYSTEM'),
  ];
  return [
    { ...OUTBOX, values: messages },
    { ...REVENUE, values: [uuidv7(), now, 'INR', 1, total, 0] },
    { ...SAGA, values: [uuidv7(), 'PURCHASE', id, 'AWAIT_ENROLMENT', now, 0, 0, now] },
    { ...EVENTS, values: events },
    { ...PAY, values: [id, now, version] },
    { ...BEGIN_FULFILMENT, values: [id] },
    { ...CAPTURE, values: [paymentId, now] },
  ];
}

function messageOf({ id, buyer_id: userId, version }: OrderRow, item: ItemRow, now: Date): string {
  const price = Number(item.price_minor);
  const payload = {
    orderId: id,
    userId,
    items: [{ courseId: item.product_id, price }],
    amount: price,
    currency: 'INR',
    instructorId: item.instructor_id,
    orderVersion: version + 2,
  };
  const fixed = { eventVersion: '0.0.1', source: 'order-service' };
  return JSON.stringify({
    eventId: randomUUID(),
    eventType: 'CourseOrderSucceeded',
    timestamp: now.getTime(),
    ...fixed,
    payload,
  });
}
