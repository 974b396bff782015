import type { Fork } from '../persistence/orm.js';
import { REVENUE_DIFFERENCES } from '../persistence/revenue-count.js';

/** A day whose counted revenue differs from its orders. */
export interface RevenueDifference {
  readonly day: string;
  readonly currency: string;
  /** Orders, gross and refunded, the latter in minor units: as 3/4500/1500. */
  readonly counted: string;
  readonly actual: string;
}

/** Compares the counted revenue with the orders themselves. @returns every day and currency that differs */
export async function revenueDifferences(fork: Fork): Promise<RevenueDifference[]> {
  return fork().execute<RevenueDifference[]>(
    `select to_char(day, 'YYYY-MM-DD') as day, currency,
       concat_ws('/', counted_orders, counted_gross, counted_refunded) as counted,
       concat_ws('/', actual_orders, actual_gross, actual_refunded) as actual
     from (${REVENUE_DIFFERENCES}) difference order by 1, 2`,
  );
}
