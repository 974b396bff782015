import type { MikroORM } from '@mikro-orm/postgresql';
import { SuspiciousPayment, type SuspiciousPaymentStatus } from '../../entities/payment/suspicious-payment.js';
import type { Fork } from '../../persistence/orm.js';
import { rowReader, type Row } from '../../persistence/row-reader.js';
import { pageOf, readCursor, type ListPage, type Page } from '../cursor.js';
import { createOrderSnapshots, type WithOrder } from '../order/order-snapshots.js';
import { statusIs, type StatusFilter } from '../status-filter.js';

type Filter = StatusFilter<SuspiciousPaymentStatus>;

/** The messages about payments that were not applied, as operators see them. */
export interface SuspiciousPayments {
  /** Newest first. @throws BadCursor */
  list(status: Filter, page: Page, withOrder?: WithOrder): Promise<ListPage<SuspiciousPayment>>;
  count(status: Filter): Promise<number>;
}

export function createSuspiciousPayments(orm: MikroORM, fork: Fork): SuspiciousPayments {
  const snapshots = createOrderSnapshots(orm);
  const toEntity = snapshots.withOrder(rowReader(orm, SuspiciousPayment));
  const rows = (sql: string, parameters: unknown[]) => fork().execute<Row[]>(sql, parameters);
  return {
    async list(status, { first, after }, withOrder = null) {
      const about = { suspiciousPayments: status };
      const start = readCursor(after, about);
      const beyond = start ? 'and (received_at, id) < (?, ?)' : '';
      const { sql, parameters } = statusIs(status);
      const found = await rows(
        `select page.*${snapshots.orderColumn(withOrder, 'page.order_id')} from (
           select * from suspicious_payments where ${sql} ${beyond} order by received_at desc, id desc limit ?) page
         order by received_at desc, id desc`,
        [...parameters, ...(start ? [start.at, start.id] : []), first + 1],
      );
      return pageOf(found.map(toEntity), first, about, ({ receivedAt: at, id }) => ({ at, id }));
    },
    async count(status) {
      const { sql, parameters } = statusIs(status);
      const [row] = await rows(`select count(*) as n from suspicious_payments where ${sql}`, parameters);
      return Number(row?.n ?? 0);
    },
  };
}
