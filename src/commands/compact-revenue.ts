import type { Fork } from '../persistence/orm.js';

/** Merges the changes of past days into one row a day and currency. @returns how many rows went */
export async function compactRevenue(fork: Fork, before: Date): Promise<number> {
  const rows = await fork().execute<{ merged: string }[]>(
    `with old as (
       delete from revenue_entries where (day, currency) in (
         select day, currency from revenue_entries where day < ? group by 1, 2 having count(*) > 1 limit 50)
       returning *)
     , merged as (
       insert into revenue_entries (id, day, currency, orders, gross_minor, refunded_minor)
       select gen_random_uuid(), day, currency, sum(orders), sum(gross_minor), sum(refunded_minor) from old group by 2, 3
       returning 1)
     select count(*) as merged from old`,
    [before],
  );
  return Number(rows[0]?.merged ?? 0);
}
