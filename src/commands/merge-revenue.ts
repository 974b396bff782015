import type { Fork } from '../persistence/orm.js';

/** Most entries merged in one statement, so that no transaction is long. */
const MOST = 5_000;

/**
 * Merges entries of revenue into one a day and currency, today's too: a year is then read from few rows, however many
 * orders it had. Entries that another replica is at are skipped.
 * @returns true when there may be more
 */
export async function mergeRevenue(fork: Fork): Promise<boolean> {
  const rows = await fork().execute<{ gone: string }[]>(
    `with old as (
       delete from revenue_entries where id in (
         select id from revenue_entries
         where (day, currency) in (select day, currency from revenue_entries group by 1, 2 having count(*) > 1)
         order by day, currency limit ? for update skip locked)
       returning *)
     , merged as (
       insert into revenue_entries (id, day, currency, orders, gross_minor, refunded_minor)
       select gen_random_uuid(), day, currency, sum(orders), sum(gross_minor), sum(refunded_minor) from old group by 2, 3
       returning 1)
     select count(*) as gone from old`,
    [MOST],
  );
  return Number(rows[0]?.gone ?? 0) === MOST;
}
