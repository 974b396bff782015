import type pg from 'pg';
import { SHARDS } from '../../src/persistence/outbox-message.js';
import { Topic } from '../../src/messaging/topics.js';

const PAYLOAD = JSON.stringify({
  eventId: '0197a1b2-0000-7000-8000-000000000000',
  eventType: 'CourseOrderCreated',
  timestamp: 1_760_000_000_000,
  eventVersion: '0.0.1',
  source: 'order-service',
  payload: {
    orderId: '0197a1b2-0000-7000-8000-000000000001',
    userId: '6513270e-269e-4d37-b2a7-4de452e6b438',
    items: [
      { courseId: '8d116ece-1738-47d9-bd9c-172411e20b8f', price: 49_900 },
      { courseId: '8d116ece-1738-47d9-bd9c-172411e20b90', price: 49_900 },
    ],
    subtotal: 99_800,
    discount: 0,
    couponDiscount: 0,
    tax: 0,
    total: 99_800,
    currency: 'INR',
    orderVersion: 1,
  },
});

// The last two hex digits say the shard, as shardOf() has it.
const FILL = `
insert into outbox (id, topic, key, payload, headers, aggregate_type, aggregate_id, aggregate_version, shard, created_at)
select gen_random_uuid(), $2, id, $3, '{}', 'order', id, 1, get_byte(uuid_send(id), 15) % ${SHARDS}, now()
from (select uuidv7() as id from generate_series(1, $1)) made
returning key`;

/** Puts so many messages of new orders into the outbox, as placing does. @returns their keys, each another */
export async function fillOutbox(pool: pg.Pool, count: number): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>({
    name: 'fill',
    text: FILL,
    values: [count, Topic.ORDER_CREATED, PAYLOAD],
  });
  return rows.map(({ key }) => key);
}

/** What Kafka gets of such a message. */
export const messageOf = (key: string) => ({ topic: Topic.ORDER_CREATED, key, value: PAYLOAD, headers: {} });
