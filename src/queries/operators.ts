import type { MikroORM } from '@mikro-orm/postgresql';
import type { RefundStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Saga } from '../entities/saga.js';
import type { Fork } from '../persistence/orm.js';
import { rowReader, type Row } from '../persistence/row-reader.js';
import { createOrderSnapshots, type WantedParts } from './order/order-snapshots.js';
import { pageOf, readCursor, type ListPage, type Page } from './cursor.js';

/** What operators look at beside orders. */
export interface OperatorLists {
  /** Newest first. @param withOrder parts of the order that is read with each; null: no order is. @throws BadCursor */
  refunds(
    status: readonly RefundStatus[] | null,
    page: Page,
    withOrder?: WantedParts | null,
  ): Promise<ListPage<OrderRefund>>;
  countRefunds(status: readonly RefundStatus[] | null): Promise<number>;
  /** Longest stuck first. @throws BadCursor */
  stuckSagas(page: Page): Promise<ListPage<Saga>>;
  countStuckSagas(): Promise<number>;
}

export function createOperatorLists(orm: MikroORM, fork: Fork): OperatorLists {
  const readRefund = rowReader(orm, OrderRefund);
  const snapshots = createOrderSnapshots(orm);
  const toRefund = (row: Row) => {
    const [refund, order] = [readRefund(row), snapshots.orderOf(row)];
    if (order) refund.orderSnapshot = order;
    return refund;
  };
  const toSaga = rowReader(orm, Saga);
  const rows = (sql: string, parameters: unknown[]) => fork().execute<Row[]>(sql, parameters);
  const count = async (sql: string, parameters: unknown[]) => Number((await rows(sql, parameters))[0]?.n ?? 0);
  const statusIn = (status: readonly RefundStatus[] | null) =>
    status?.length ? 'status in (?)' : status ? 'false' : 'true';
  const values = (status: readonly RefundStatus[] | null) => (status?.length ? [status] : []);

  return {
    async refunds(status, { first, after }, withOrder = null) {
      const start = readCursor(after, { refunds: status });
      const beyond = start ? 'and (requested_at, id) < (?, ?)' : '';
      const found = await rows(
        `select page.*${withOrder ? snapshots.orderColumn(withOrder, 'page.order_id') : ''} from (
           select * from order_refunds where ${statusIn(status)} ${beyond} order by requested_at desc, id desc limit ?) page
         order by requested_at desc, id desc`,
        [...values(status), ...(start ? [start.at, start.id] : []), first + 1],
      );
      return pageOf(found.map(toRefund), first, { refunds: status }, ({ requestedAt: at, id }) => ({ at, id }));
    },
    countRefunds: (status) =>
      count(`select count(*) as n from order_refunds where ${statusIn(status)}`, values(status)),
    async stuckSagas({ first, after }) {
      const start = readCursor(after, 'stuckSagas');
      const beyond = start ? 'and (stuck_since, id) > (?, ?)' : '';
      const found = await rows(
        `select * from sagas where stuck_since is not null ${beyond} order by stuck_since, id limit ?`,
        [...(start ? [start.at, start.id] : []), first + 1],
      );
      return pageOf(found.map(toSaga), first, 'stuckSagas', ({ stuckSince, id }) => ({
        at: stuckSince ?? new Date(0),
        id,
      }));
    },
    countStuckSagas: () => count('select count(*) as n from sagas where stuck_since is not null', []),
  };
}
