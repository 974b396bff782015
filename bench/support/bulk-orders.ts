import type pg from 'pg';

export interface BulkOrders {
  readonly count: number;
  /** The orders are shared out among so many buyers. */
  readonly buyers: number;
  /** True: a payment of each is under way, and news of it are awaited. */
  readonly paying?: boolean;
  /** True: the time to pay them is over. */
  readonly due?: boolean;
}

/** Id of a buyer by number, in SQL: a UUID whose version and variant are right, as the doors of the service want it. */
const BUYER = `overlay(overlay(md5('buyer ' || n % $2) placing '4' from 13) placing '8' from 17)::uuid`;
const ORDERS = `
insert into orders (id, number, status, fulfilment, buyer_id, currency, subtotal_minor, discount_minor, tax_minor, total_minor,
  captured_minor, refunded_minor, revision, placed_at, payable_until, expires_at, updated_at, version)
select uuidv7(), 'EL-' || substr(md5($4 || n), 1, 20), $3, 'NOT_STARTED', ${BUYER}, 'INR', 99800, 0, 0, 99800, 0, 0, 1,
  now() - n * interval '1 second', now() + $5::interval, now() + $5::interval, now(), 1
from generate_series(1, $1::int) n returning id`;
const ITEMS = `
insert into order_items (id, order_id, revision, position, kind, product_id, title, instructor_id, list_price_minor,
  discount_minor, price_minor, currency, fulfilment)
select uuidv7(), id, 1, position, 'COURSE', md5(id::text || position)::uuid, 'A course', md5('teacher ' || position)::uuid, 49900,
  0, 49900, 'INR', 'NOT_STARTED'
from orders cross join generate_series(0, 1) position where id = any($1::uuid[])`;
const CLAIMS = `
insert into order_claims (buyer_id, kind, product_id, order_id, claimed_at)
select orders.buyer_id, item.kind, item.product_id, item.order_id, orders.placed_at
from order_items item join orders on orders.id = item.order_id where item.order_id = any($1::uuid[])`;
const ATTEMPTS = `
insert into payment_attempts (id, order_id, revision, payment_id, provider, provider_order_id, state, first_seen_restored,
  amount_minor, currency, started_at, expires_at, deadline, updated_at)
select uuidv7(), id, 1, 'payment of ' || id, 'STRIPE', 'cs_' || id, 'PENDING', false, 99800, 'INR', now(),
  now() + interval '1 day', now() + interval '1 day', now()
from orders where id = any($1::uuid[])`;

const CHUNK = 50_000;
let fills = 0;

/** Puts orders of two courses each into the database in bulk, all but their events. @returns their ids */
export async function fillOrders(pool: pg.Pool, { count, buyers, paying, due }: BulkOrders): Promise<string[]> {
  const status = paying ? 'PROCESSING' : 'PENDING_PAYMENT';
  const ids: string[] = [];
  while (ids.length < count) {
    const size = Math.min(CHUNK, count - ids.length);
    const { rows } = await pool.query<{ id: string }>(ORDERS, [
      size,
      buyers,
      status,
      `fill ${fills++} `,
      due ? '-1 s' : '1 day',
    ]);
    const made = rows.map(({ id }) => id);
    for (const statement of [ITEMS, CLAIMS, ...(paying ? [ATTEMPTS] : [])]) await pool.query(statement, [made]);
    ids.push(...made);
  }
  await pool.query('vacuum analyze');
  return ids;
}
