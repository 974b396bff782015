import type { Fork } from '../persistence/orm.js';
import { REVENUE_DIFFERENCES } from '../persistence/revenue-count.js';

/**
 * Makes the counted revenue right again by one entry a day and currency that differs. One statement, one snapshot: orders
 * may be paid meanwhile, nothing is locked.
 */
export async function correctRevenue(fork: Fork): Promise<void> {
  await fork().execute(
    `insert into revenue_entries (id, day, currency, orders, gross_minor, refunded_minor)
     select gen_random_uuid(), day, currency, actual_orders - counted_orders, actual_gross - counted_gross,
       actual_refunded - counted_refunded
     from (${REVENUE_DIFFERENCES}) difference`,
  );
}
