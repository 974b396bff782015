/** Every order that was paid, counted straightforwardly: what the entries of a day and currency must add up to. */
const ACTUAL = `
  select (orders.paid_at at time zone 'UTC')::date as day, orders.currency,
    count(*) as orders, sum(orders.total_minor) as gross,
    sum(least(orders.total_minor, (select coalesce(sum(refund.amount_minor), 0) from order_refunds refund
      join payment_attempts payment on payment.payment_id = refund.payment_id and payment.capture = 'ACCEPTED'
      where refund.order_id = orders.id and refund.status = 'SUCCEEDED' and refund.reason <> 'OVERPAID'))) as refunded
  from orders where orders.paid_at is not null and orders.status in ('SUCCEEDED', 'REFUNDED') group by 1, 2`;
const COUNTED = `
  select day, currency, sum(orders) as orders, sum(gross_minor) as gross, sum(refunded_minor) as refunded
  from revenue_entries group by 1, 2`;

/**
 * Days and currencies whose entries (`counted_…`) differ from the orders (`actual_…`), as one select. Both sides are of one
 * snapshot, and every entry is written in the transaction of its order: what differs is a defect, never a race.
 */
export const REVENUE_DIFFERENCES = `
  with actual as (${ACTUAL}), counted as (${COUNTED})
  select coalesce(a.day, c.day) as day, coalesce(a.currency, c.currency) as currency,
    coalesce(c.orders, 0) as counted_orders, coalesce(c.gross, 0) as counted_gross, coalesce(c.refunded, 0) as counted_refunded,
    coalesce(a.orders, 0) as actual_orders, coalesce(a.gross, 0) as actual_gross, coalesce(a.refunded, 0) as actual_refunded
  from actual a full join counted c on c.day = a.day and c.currency = a.currency
  where (coalesce(a.orders, 0), coalesce(a.gross, 0), coalesce(a.refunded, 0))
    is distinct from (coalesce(c.orders, 0), coalesce(c.gross, 0), coalesce(c.refunded, 0))`;
