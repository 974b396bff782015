import type { Site } from './site.js';

/** Orders as `placeOrder` leaves them, made in bulk. */
export interface DueOrders {
  readonly count: number;
  /** A payment of theirs was finished by the buyer and its result is awaited: they cannot be decided now. */
  readonly awaitingResult?: boolean;
  /** How long they have been due, s. */
  readonly sinceSeconds: number;
}

/** When these orders say that they were placed: by it they are told from those of buyers. */
export const MADE_IN_BULK = '2026-01-01T00:00:00Z';

/** The same ids for all tables. */
const ids = (count: number) => `create temporary table due on commit drop as
  select gen_random_uuid() as id, gen_random_uuid() as buyer_id, gen_random_uuid() as course_id
  from generate_series(1, ${count})`;

const orders = (status: string, sinceSeconds: number) => `
  insert into orders (id, number, status, fulfilment, buyer_id, currency, subtotal_minor, discount_minor, tax_minor,
    total_minor, captured_minor, refunded_minor, revision, placed_at, payable_until, expires_at, updated_at, version)
  select id, 'DUE-' || id, '${status}', 'NOT_STARTED', buyer_id, 'INR', 50000, 0, 0, 50000, 0, 0, 1,
    now() - interval '1 hour', now() - interval '30 min', now() - interval '${sinceSeconds} s', now() - interval '1 hour', 1
  from due`;

const PARTS = `
  insert into order_items (id, order_id, revision, position, kind, product_id, title, list_price_minor, discount_minor,
    price_minor, currency, fulfilment)
  select gen_random_uuid(), id, 1, 1, 'COURSE', course_id, 'Algebra', 50000, 0, 50000, 'INR', 'NOT_STARTED' from due;
  insert into order_claims (buyer_id, kind, product_id, order_id, claimed_at)
  select buyer_id, 'COURSE', course_id, id, now() from due;
  insert into order_events (id, order_id, buyer_id, version, type, "to", fulfilment, actor, occurred_at, recorded_at)
  select gen_random_uuid(), id, buyer_id, 1, 'PLACED', 'PENDING_PAYMENT', 'NOT_STARTED', 'BUYER', '${MADE_IN_BULK}', now() from due`;

const FINISHED_PAYMENTS = `
  insert into payment_attempts (id, order_id, revision, payment_id, provider, provider_order_id, state,
    first_seen_restored, amount_minor, currency, started_at, deadline, confirmed_at, updated_at)
  select gen_random_uuid(), id, 1, gen_random_uuid(), 'PAYPAL', 'P-' || id, 'PENDING', false, 50000, 'INR',
    now(), now() - interval '1 min', now(), now() from due`;

/** Puts orders into the database whose time has come, in one transaction. */
export async function makeDueOrders({ sql }: Pick<Site, 'sql'>, due: DueOrders): Promise<void> {
  const { count, awaitingResult, sinceSeconds } = due;
  const status = awaitingResult ? 'PROCESSING' : 'PENDING_PAYMENT';
  const steps = [ids(count), orders(status, sinceSeconds), PARTS, ...(awaitingResult ? [FINISHED_PAYMENTS] : [])];
  await sql(`begin; ${steps.join(';\n')}; commit`);
}
