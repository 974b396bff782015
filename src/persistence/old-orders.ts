import pg from 'pg';

/** A row of the old service's order_items. What it holds has not been checked. */
export interface OldItem {
  readonly id: string;
  readonly courseId: string | null;
  /** Minor units, in a float. */
  readonly price: number | null;
}

/** A row of the old service's payment_details: one at most for each order. */
export interface OldPayment {
  readonly paymentId: string | null;
  readonly provider: string | null;
  readonly providerOrderId: string | null;
  readonly status: string | null;
  readonly updatedAt: Date | null;
}

/** An order as the old service stored it. Amounts in minor units; none of it has been checked. */
export interface OldOrder {
  readonly id: string;
  readonly idempotencyKey: string | null;
  readonly userId: string | null;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly subTotal: number | null;
  readonly salesTax: number | null;
  readonly discount: number | null;
  readonly status: string | null;
  readonly createdAt: Date | null;
  readonly updatedAt: Date | null;
  readonly items: readonly OldItem[];
  readonly payment: OldPayment | null;
}

/** The old service's database. It is never written to. */
export interface OldOrders {
  /** All orders in chunks: paid ones first, then those being paid, then the rest, each from the newest to the oldest. */
  chunks(size: number): AsyncGenerator<readonly OldOrder[]>;
  /** Rows of a table that the old service never used. */
  countSessionBookings(): Promise<number>;
  close(): Promise<void>;
}

/** Where a chunk ends: kept as text, because a Date has fewer digits than the database. */
interface Place {
  readonly rank: number;
  readonly placed: string;
  readonly id: string;
}

type OrderRow = Omit<OldOrder, 'items' | 'payment'> & Place;

const BEFORE_ALL: Place = { rank: 9, placed: 'infinity', id: '' };
// Where several orders want the same course, the first that is read gets it.
const RANK = `case status when 'succeeded' then 3 when 'processing' then 2 when 'pending_payment' then 1 else 0 end`;
const PLACED = `coalesce(created_at, '-infinity')`;
const ORDERS = `
  select id, idempotency_key as "idempotencyKey", user_id as "userId", amount::float8 as amount, currency,
    sub_total::float8 as "subTotal", sales_tax::float8 as "salesTax", discount::float8 as discount, status,
    created_at as "createdAt", updated_at as "updatedAt", ${RANK} as rank, ${PLACED}::text as placed
  from orders where (${RANK}, ${PLACED}, id) < ($1::int, $2::timestamptz, $3::text)
  order by ${RANK} desc, ${PLACED} desc, id desc limit $4`;
const ITEMS = `
  select order_id as "orderId", id, course_id as "courseId", price::float8 as price
  from order_items where order_id = any($1) order by id`;
const PAYMENTS = `
  select order_id as "orderId", payment_id as "paymentId", provider, provider_order_id as "providerOrderId",
    payment_status as status, updated_at as "updatedAt"
  from payment_details where order_id = any($1)`;

/** Connects to the old service's database, for reading only. */
export async function openOldOrders(connectionString: string): Promise<OldOrders> {
  const client = new pg.Client({ connectionString, application_name: 'order-service import' });
  // A connection that breaks shows at the next statement.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('set default_transaction_read_only = on');
  return {
    async *chunks(size) {
      for (let after = BEFORE_ALL; ;) {
        const { rows } = await client.query<OrderRow>(ORDERS, [after.rank, after.placed, after.id, size]);
        if (rows.length > 0) yield await withParts(client, rows);
        const last = rows.at(-1);
        if (!last || rows.length < size) return;
        after = last;
      }
    },
    async countSessionBookings() {
      const { rows } = await client.query<{ there: boolean }>(
        `select to_regclass('session_bookings') is not null as there`,
      );
      if (!rows[0]?.there) return 0;
      const counted = await client.query<{ n: number }>('select count(*)::int as n from session_bookings');
      return counted.rows[0]?.n ?? 0;
    },
    close: () => client.end(),
  };
}

/** Two statements for all orders of a chunk: the old tables have no index on order_id of items. */
async function withParts(client: pg.Client, rows: readonly OrderRow[]): Promise<OldOrder[]> {
  const ids = rows.map(({ id }) => id);
  const items = await client.query<OldItem & { orderId: string }>(ITEMS, [ids]);
  const payments = await client.query<OldPayment & { orderId: string }>(PAYMENTS, [ids]);
  const itemsOf = Map.groupBy(items.rows, ({ orderId }) => orderId);
  const paymentOf = new Map(payments.rows.map((row) => [row.orderId, row]));
  return rows.map((row) => ({ ...row, items: itemsOf.get(row.id) ?? [], payment: paymentOf.get(row.id) ?? null }));
}
