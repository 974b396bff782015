import type { Fork } from '../persistence/orm.js';

/** A day whose counted revenue differs from its orders. Amounts in minor units, as text. */
export interface RevenueDifference {
  readonly day: string;
  readonly currency: string;
  readonly counted: string;
  readonly actual: string;
}

/** Every order that was paid, counted straightforwardly; what the entries must add up to. */
const ACTUAL = `
  select (orders.paid_at at time zone 'UTC')::date as day, orders.currency,
    count(*) as orders, sum(orders.total_minor) as gross,
    coalesce(sum((select sum(refund.amount_minor) from order_refunds refund
      join payment_attempts payment on payment.payment_id = refund.payment_id and payment.capture = 'ACCEPTED'
      where refund.order_id = orders.id and refund.status = 'SUCCEEDED')), 0) as refunded
  from orders where orders.paid_at is not null and orders.status in ('SUCCEEDED', 'REFUNDED') group by 1, 2`;
const COUNTED = `
  select day, currency, sum(orders) as orders, sum(gross_minor) as gross, sum(refunded_minor) as refunded
  from revenue_entries group by 1, 2`;

/** Compares the counted revenue with the orders themselves. @returns every day and currency that differs */
export async function revenueDifferences(fork: Fork): Promise<RevenueDifference[]> {
  return fork().execute<RevenueDifference[]>(
    `with actual as (${ACTUAL}), counted as (${COUNTED})
     select to_char(coalesce(a.day, c.day), 'YYYY-MM-DD') as day, coalesce(a.currency, c.currency) as currency,
       concat_ws('/', c.orders, c.gross, c.refunded) as counted, concat_ws('/', a.orders, a.gross, a.refunded) as actual
     from actual a full join counted c on c.day = a.day and c.currency = a.currency
     where (a.orders, a.gross, a.refunded) is distinct from (c.orders, c.gross, c.refunded) order by 1, 2`,
  );
}

/** Counts the revenue anew from the orders, in one transaction that no order can slip through. */
export async function rebuildRevenue(fork: Fork): Promise<void> {
  await fork().transactional(async (em) => {
    await em.execute('lock table revenue_entries in share row exclusive mode');
    await em.execute('delete from revenue_entries');
    await em.execute(
      `insert into revenue_entries (id, day, currency, orders, gross_minor, refunded_minor)
       select gen_random_uuid(), day, currency, orders, gross, refunded from (${ACTUAL}) actual`,
    );
  });
}
