import type { OrderStand } from '../../support/order-stand.js';
import { orderIdOf, paymentOf, type PaymentCase } from './payment-cases.js';

interface Row {
  readonly id: string;
  readonly status: string;
  readonly total: string;
  readonly news: number;
  readonly steps: readonly string[];
  readonly refunds: readonly string[];
}

// Each payment's attempt is named by its payment, so that a saga's subject reads in words.
const ROWS = `
select o.id, o.status, o.total_minor as total,
  (select count(*)::int from order_events e where e.order_id = o.id and e.type like 'PAYMENT\\_%') as news,
  (select coalesce(array_agg(s.step || coalesce(' ' || a.payment_id, '')), '{}')
   from sagas s left join payment_attempts a on a.id = s.subject_id where s.order_id = o.id and s.kind <> 'REFUND') as steps,
  (select coalesce(array_agg(r.amount_minor::text), '{}')
   from order_refunds r join sagas s on s.subject_id = r.id where r.order_id = o.id and r.status = 'APPROVED') as refunds
from orders o`;

/** What has happened to each order since the case began, in the words of the table. */
export async function effectsIn(stand: OrderStand, cases: readonly PaymentCase[]): Promise<Record<string, string>> {
  const rows = new Map((await stand.sql<Row>(ROWS)).map((row) => [row.id, row]));
  return Object.fromEntries(cases.map((one) => [one.name, inWords(one, rows.get(orderIdOf(one)))]));
}

function inWords(one: PaymentCase, row: Row | undefined): string {
  if (!row) return 'the order is gone';
  if (row.news === 0) return 'nothing';
  const steps = row.steps.map((step) => stepInWords(one, step, row.total));
  const refunds = row.refunds.map((amount) => `give back ${amount}`);
  return [row.status, ...[...steps, ...refunds].sort()].join(', ');
}

function stepInWords(one: PaymentCase, step: string, total: string): string {
  if (step === 'AWAIT_ENROLMENT') return `deliver at ${total}`;
  if (step === `CANCEL ${paymentOf(one, 'alive')}`) return 'cancel alive';
  if (step === `CANCEL ${paymentOf(one, 'subject')}`) return 'cancel subject';
  if (step === `DECIDE_LATE_MONEY ${paymentOf(one, 'subject')}`) return 'decide';
  return step;
}

/** Orders whose parts contradict each other, with the contradiction; what must be true of every order at any time. */
export function imbalances(stand: OrderStand): Promise<{ id: string; what: string }[]> {
  return stand.sql(`
    with captured as (
      select order_id, sum(amount_minor) filter (where state = 'SUCCEEDED') as minor,
             count(*) filter (where state = 'SUCCEEDED' and capture is null) as undecided
      from payment_attempts group by order_id)
    select o.id, 'captured money is not that of the attempts' as what from orders o left join captured c on c.order_id = o.id
    where o.captured_minor <> coalesce(c.minor, 0)
    union all select o.id, 'a capture has no destination' from orders o join captured c on c.order_id = o.id
    where c.undecided > 0
    union all select o.id, 'an open order has no deadline, or a closed one has' from orders o
    where (o.status in ('PENDING_PAYMENT', 'PROCESSING')) <> (o.expires_at is not null)
    union all select o.id, 'an order that failed or expired holds a claim' from orders o join order_claims c on c.order_id = o.id
    where o.status in ('FAILED', 'EXPIRED', 'CANCELLED')
    union all select o.id, 'the total is not that of the present items' from orders o
    where o.total_minor <> (select sum(price_minor) from order_items i where i.order_id = o.id and i.revision = o.revision)`);
}
