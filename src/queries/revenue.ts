import type { Fork } from '../persistence/orm.js';

/** Revenue of one month, in minor units of one currency. */
export interface MonthOfRevenue {
  /** 1 to 12. */
  readonly month: number;
  readonly orders: number;
  readonly gross: bigint;
  readonly refunded: bigint;
}

export interface Revenue {
  /** Twelve months by the day of payment, UTC. */
  ofYear(year: number, currency: string): Promise<MonthOfRevenue[]>;
}

export function createRevenue(fork: Fork): Revenue {
  return {
    async ofYear(year, currency) {
      const rows = await fork().execute<{ month: number; orders: string; gross: string; refunded: string }[]>(
        `select extract(month from day)::int as month, sum(orders) as orders, sum(gross_minor) as gross, sum(refunded_minor) as refunded
         from revenue_entries where currency = ? and day >= make_date(?, 1, 1) and day < make_date(?, 1, 1) group by 1`,
        [currency, year, year + 1],
      );
      const byMonth = new Map(rows.map((row) => [row.month, row]));
      return Array.from({ length: 12 }, (_, i) => {
        const row = byMonth.get(i + 1);
        const [gross, refunded] = [BigInt(row?.gross ?? 0), BigInt(row?.refunded ?? 0)];
        return { month: i + 1, orders: Number(row?.orders ?? 0), gross, refunded };
      });
    },
  };
}
