import { REVENUE_DIFFERENCES } from '../../../src/persistence/revenue-count.js';
import { BOOKINGS_WITHOUT_ORDER, SEAT_DIFFERENCES } from '../../../src/persistence/seat-count.js';
import { eventually } from '../../support/eventually.js';
import type { Accepted } from './buyers.js';
import type { Site } from './site.js';

/** What must hold when everything has settled: each entry counts what is wrong with the database. */
const WRONGS = {
  inBetween: `select 1 from orders where status in ('CREATED', 'PENDING_PAYMENT', 'PROCESSING') or fulfilment in ('IN_PROGRESS', 'STUCK')`,
  paidWithoutDelivery: `select 1 from orders where status = 'SUCCEEDED' and fulfilment <> 'FULFILLED' and not exists
    (select 1 from order_refunds where order_id = orders.id and status in ('APPROVED', 'SUCCEEDED'))`,
  openPayments: `select 1 from payment_attempts where state in ('INTENT', 'PENDING')`,
  openRefunds: `select 1 from order_refunds where status in ('REQUESTED', 'APPROVED')`,
  openSagas: `select 1 from sagas`,
  waitingMessages: `select 1 from outbox`,
  versionGaps: `select 1 from orders left join order_events event on event.order_id = orders.id group by orders.id
    having count(event.version) <> orders.version or min(event.version) <> 1 or max(event.version) <> orders.version`,
  effectsTwice: `select 1 from order_events where type in ('PAYMENT_SUCCEEDED', 'PAYMENT_FAILED', 'ITEM_FULFILLED', 'REFUND_SUCCEEDED')
    and coalesce(payment_id, item_id::text, refund_id::text) is not null
    group by order_id, type, payment_id, item_id, refund_id having count(*) > 1`,
  endsTwice: `select 1 from order_events where type in ('SUCCEEDED', 'FULFILLED', 'CANCELLED', 'EXPIRED', 'REFUNDED')
    group by order_id, type having count(*) > 1`,
  capturesWithoutDecision: `select 1 from payment_attempts where state = 'SUCCEEDED' and coalesce(capture, 'UNDECIDED') = 'UNDECIDED'`,
  capturedMoney: `select 1 from orders where captured_minor <>
    (select coalesce(sum(amount_minor), 0) from payment_attempts where order_id = orders.id and state = 'SUCCEEDED')`,
  refundedMoney: `select 1 from orders where refunded_minor <>
    (select coalesce(sum(amount_minor), 0) from order_refunds where order_id = orders.id and status = 'SUCCEEDED')`,
  keptMoney: `select 1 from orders where captured_minor - refunded_minor <> case when status = 'SUCCEEDED' then total_minor else 0 end`,
  itemPrices: `select 1 from orders where total_minor <>
    (select sum(price_minor) from order_items where order_id = orders.id and revision = orders.revision)`,
  claims: `select 1 from orders where (status = 'SUCCEEDED' and session_id is null) <>
    exists (select 1 from order_claims where order_id = orders.id)`,
  revenue: REVENUE_DIFFERENCES,
  seats: SEAT_DIFFERENCES,
  bookingsWithoutOrder: BOOKINGS_WITHOUT_ORDER,
  heldSeats: `select 1 from session_bookings where status = 'PENDING'`,
  unpaidSeats: `select 1 from session_bookings booking join orders on orders.id = booking.order_id
    where booking.status in ('CONFIRMED', 'COMPLETED') and orders.status <> 'SUCCEEDED'`,
  twoSeats: `select 1 from session_bookings where status in ('PENDING', 'CONFIRMED')
    group by session_id, attendee_id having count(*) > 1`,
  waitsWithSeat: `select 1 from session_waitlist join session_bookings using (session_id, attendee_id)
    where status in ('PENDING', 'CONFIRMED')`,
  tooManySeats: `select 1 from session_seats where taken > capacity`,
  bookingVersionGaps: `select 1 from session_bookings booking left join session_booking_events event on event.booking_id = booking.id
    group by booking.id
    having count(event.version) <> booking.version or min(event.version) <> 1 or max(event.version) <> booking.version`,
} as const;

export type Wrongs = Readonly<Record<keyof typeof WRONGS | 'paymentService' | 'enrolments', number>>;

export const NOTHING_WRONG = Object.fromEntries(
  [...Object.keys(WRONGS), 'paymentService', 'enrolments'].map((name) => [name, 0]),
) as Wrongs;

/** Audits the database of a site, and what the stand-ins know of payments and enrolments. */
export async function audit(site: Site, sql = site.sql): Promise<Wrongs> {
  const counts = Object.entries(WRONGS).map(([name, wrong]) => `(select count(*)::int from (${wrong}) x) as "${name}"`);
  const [row] = await sql<Wrongs>(`select ${counts.join(', ')}`);
  if (!row) throw new Error('the audit has no answer');
  return {
    ...row,
    paymentService: await moneyThatDiffers(site, sql),
    enrolments: await enrolmentsThatDiffer(site, sql),
  };
}

/** Captures and refunds that only one side knows of. */
async function moneyThatDiffers({ standInSql }: Site, sql: Site['sql']): Promise<number> {
  const ours = await sql<{ fact: string }>(`
    select 'captured ' || payment_id as fact from payment_attempts where state = 'SUCCEEDED'
    union all select 'refunded ' || id || ' ' || amount_minor from order_refunds where status = 'SUCCEEDED'`);
  const theirs = await standInSql<{ fact: string }>(`
    select 'captured ' || id as fact from neighbours.payments where status = 'success'
    union all select 'refunded ' || id || ' ' || amount from neighbours.refunds where status = 'refunded'`);
  return differences(ours, theirs);
}

async function enrolmentsThatDiffer({ standInSql }: Site, sql: Site['sql']): Promise<number> {
  const ours = await sql<{ fact: string }>(`
    select event.order_id || ' ' || item.product_id as fact from order_events event
    join order_items item on item.id = event.item_id and item.kind = 'COURSE' where event.type = 'ITEM_FULFILLED'`);
  const theirs = await standInSql<{ fact: string }>(
    `select order_id || ' ' || course_id as fact from neighbours.enrolments`,
  );
  return differences(ours, theirs);
}

function differences(ours: readonly { fact: string }[], theirs: readonly { fact: string }[]): number {
  const [a, b] = [ours, theirs].map((facts) => new Set(facts.map(({ fact }) => fact))) as [Set<string>, Set<string>];
  const onlyIn = (one: Set<string>, other: Set<string>) => [...one].filter((fact) => !other.has(fact)).length;
  return onlyIn(a, b) + onlyIn(b, a) + (ours.length - a.size) + (theirs.length - b.size);
}

/** Waits until nothing is wrong, or the limit. @returns what is wrong then, and how long that took */
export async function settle(site: Site, sql = site.sql, limitMs = 120_000): Promise<{ wrongs: Wrongs; ms: number }> {
  const since = Date.now();
  const isRight = (wrongs: Wrongs) => Object.values(wrongs).every((count) => count === 0);
  const wrongs = await eventually(
    async () => {
      const found = await audit(site, sql);
      return { found, isLast: Date.now() - since > limitMs };
    },
    ({ found, isLast }) => isLast || isRight(found),
    { limitMs: limitMs + 30_000, everyMs: 250 },
  );
  return { wrongs: wrongs.found, ms: Date.now() - since };
}

/** How orders have ended, of those that were accepted; `missing` where one is not there. */
export async function endings(sql: Site['sql'], accepted: Accepted): Promise<Map<string, string>> {
  const rows = await sql<{ id: string; ending: string }>(
    `select id, status || ' ' || fulfilment as ending from orders where id = any($1)`,
    [[...accepted.keys()]],
  );
  const found = new Map(rows.map(({ id, ending }) => [id, ending]));
  return new Map([...accepted.keys()].map((id) => [id, found.get(id) ?? 'missing']));
}
