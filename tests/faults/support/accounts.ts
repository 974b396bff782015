import type { Site } from './site.js';

/** What must hold when everything has settled; each number counts what is wrong. */
export interface Wrongs {
  readonly notFulfilled: number;
  readonly versionGaps: number;
  readonly moneyThatDiffers: number;
  readonly waitingMessages: number;
  readonly capturesWithoutState: number;
  readonly claimsMissing: number;
}

export const NOTHING_WRONG: Wrongs = {
  notFulfilled: 0,
  versionGaps: 0,
  moneyThatDiffers: 0,
  waitingMessages: 0,
  capturesWithoutState: 0,
  claimsMissing: 0,
};

/** Audits the database of a site. */
export async function audit({ sql }: Site): Promise<Wrongs> {
  const [row] = await sql<Wrongs>(`select
    (select count(*)::int from orders where status <> 'SUCCEEDED' or fulfilment <> 'FULFILLED') as "notFulfilled",
    (select count(*)::int from (select order_id from order_events group by order_id
      having count(*) <> max(version) or min(version) <> 1) gaps) as "versionGaps",
    (select count(*)::int from orders where captured_minor <>
      (select coalesce(sum(amount_minor), 0) from payment_attempts where order_id = orders.id and state = 'SUCCEEDED')
      or captured_minor - (select coalesce(sum(amount_minor), 0) from order_refunds where order_id = orders.id) <> total_minor) as "moneyThatDiffers",
    (select count(*)::int from outbox) as "waitingMessages",
    (select count(*)::int from payment_attempts where state = 'SUCCEEDED' and capture is null) as "capturesWithoutState",
    (select count(*)::int from orders where not exists (select 1 from order_claims where order_id = orders.id)) as "claimsMissing"`);
  if (!row) throw new Error('the audit has no answer');
  return row;
}
