import pg from 'pg';
import { importOrders, type ImportSummary, type OrderImport } from '../../../src/commands/import-orders.js';
import { openOldOrders } from '../../../src/persistence/old-orders.js';
import type { CourseSource } from '../../../src/platform/neighbours.js';
import { idOf } from '../../support/ids.js';
import type { OrderStand } from '../../support/order-stand.js';
import { createDatabase } from '../../support/postgres.js';

/** The tables as the Python service made them. */
const SCHEMA = `
  create table orders (
    id text primary key, idempotency_key text unique, user_id text, amount float, currency text default 'INR',
    sub_total int, sales_tax int, discount int, status text, created_at timestamptz, updated_at timestamptz);
  create index on orders (user_id);
  create index on orders (status);
  create table order_items (id text primary key, order_id text references orders, course_id text, price float);
  create table payment_details (
    id text primary key, order_id text unique references orders, payment_id text, provider text,
    provider_order_id text not null, payment_status text, updated_at timestamptz);
  create table session_bookings (
    id text primary key, user_id text, session_id text, amount float, currency text, status text, version int)`;

/** A row of payment_details. */
export interface OldPaymentRow {
  payment_id?: string | null;
  provider?: string | null;
  payment_status?: string | null;
  updated_at?: string | null;
}

/** An order of the old service: what is not said is in order. Items: course by name and price. */
export interface OldOrderRow {
  id?: string;
  key?: string | null;
  user_id?: string | null;
  amount?: number;
  currency?: string | null;
  sub_total?: number;
  sales_tax?: number | null;
  discount?: number | null;
  status?: string | null;
  created_at?: string | null;
  updated_at?: string | null;
  items?: readonly (readonly [course: string, price: number])[];
  item_id?: string;
  payment?: OldPaymentRow;
}

/** An hour before the tests' clock begins: what was payable then is due. */
export const PLACED_AT = '2026-03-01T09:00:00.123456+00:00';
export const PAID_AT = '2026-03-01T09:05:00.000000+00:00';
export const UPDATED_AT = '2026-03-01T09:06:00.000000+00:00';

/** The payment that the order by this name has where it has one. */
export const paymentIdOf = (name: string): string => idOf(`payment of ${name}`);

/** A database like the old service's, rows to be put into it by name. */
export async function createOldDatabase() {
  const database = await createDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  await pool.query(SCHEMA);
  const insert = (table: string, row: object) => {
    const names = Object.keys(row);
    const places = names.map((_, i) => `$${i + 1}`);
    return pool.query(`insert into ${table} (${names.join(', ')}) values (${places.join(', ')})`, Object.values(row));
  };
  return {
    url: database.url,
    sql: async <T extends object>(text: string, values?: unknown[]) => (await pool.query<T>(text, values)).rows,
    /** @returns the order's id */
    async add(name: string, order: OldOrderRow = {}): Promise<string> {
      const { items = [['algebra', 49_900]], payment, key = null, item_id, ...rest } = order;
      const amount = items.reduce((sum, [, price]) => sum + price, 0);
      const amounts = { amount, currency: 'INR', sub_total: amount, sales_tax: 0, discount: 0 };
      const times = { created_at: PLACED_AT, updated_at: UPDATED_AT };
      const fixed = { id: idOf(name), idempotency_key: key, user_id: idOf(`buyer of ${name}`), ...amounts, ...times };
      const row = { ...fixed, status: 'pending_payment', ...rest };
      await insert('orders', row);
      for (const [i, [course, price]] of items.entries()) {
        const course_id = course.startsWith('=') ? course.slice(1) : idOf(course);
        await insert('order_items', { id: item_id ?? idOf(`${name} item ${i}`), order_id: row.id, course_id, price });
      }
      if (payment) {
        const known = { payment_id: paymentIdOf(name), provider: 'stripe', provider_order_id: `cs of ${name}` };
        const state = { payment_status: 'success', updated_at: PAID_AT };
        await insert('payment_details', {
          id: idOf(`${name} details`),
          order_id: row.id,
          ...known,
          ...state,
          ...payment,
        });
      }
      return row.id;
    },
    empty: () => pool.query('truncate orders, order_items, payment_details, session_bookings'),
    async drop() {
      await pool.end();
      await database.drop();
    },
  };
}

export type OldDatabase = Awaited<ReturnType<typeof createOldDatabase>>;

/** What an import did, with the reasons that it listed by order. */
export interface ImportResult extends ImportSummary {
  readonly reasons: Readonly<Record<string, string>>;
}

/** Runs the import at the time of the stand's clock. */
export async function runImport(
  stand: OrderStand,
  old: OldDatabase,
  changes: Partial<OrderImport> = {},
): Promise<ImportResult> {
  const source = await openOldOrders(old.url);
  const reasons: Record<string, string> = {};
  const courses: CourseSource = stand.neighbours.courses;
  const { fork, env } = stand;
  const fixed = { source, fork, courses, policies: env.policies, keyMs: 48 * 60 * 60_000, now: stand.clock.now() };
  try {
    const list = (id: string, reason: string) => void (reasons[id] = reason);
    return { ...(await importOrders({ ...fixed, dryRun: false, list, ...changes })), reasons };
  } finally {
    await source.close();
  }
}

/** Takes away everything that imports and tests have written. */
export const emptyStand = (stand: OrderStand) =>
  stand.sql('truncate orders, revenue_entries, idempotency, outbox, notices, sagas, inbox cascade');
