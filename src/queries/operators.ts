import type { MikroORM } from '@mikro-orm/postgresql';
import type { RefundStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Saga } from '../entities/saga.js';
import type { Fork } from '../persistence/orm.js';
import { rowReader, type Row } from '../persistence/row-reader.js';
import { createOrderSnapshots, type WithOrder } from './order/order-snapshots.js';
import { statusIs, type StatusFilter } from './status-filter.js';
import { pageOf, readCursor, type ListPage, type Page } from './cursor.js';

/** What operators look at beside orders. */
export interface OperatorLists {
  /** Newest first. @throws BadCursor */
  refunds(status: StatusFilter<RefundStatus>, page: Page, withOrder?: WithOrder): Promise<ListPage<OrderRefund>>;
  countRefunds(status: StatusFilter<RefundStatus>): Promise<number>;
  /** Longest stuck first. @throws BadCursor */
  stuckSagas(page: Page, withOrder?: WithOrder): Promise<ListPage<Saga>>;
  countStuckSagas(): Promise<number>;
}

export function createOperatorLists(orm: MikroORM, fork: Fork): OperatorLists {
  const snapshots = createOrderSnapshots(orm);
  const toRefund = snapshots.withOrder(rowReader(orm, OrderRefund));
  const toSaga = snapshots.withOrder(rowReader(orm, Saga));
  const rows = (sql: string, parameters: unknown[]) => fork().execute<Row[]>(sql, parameters);
  const count = async (sql: string, parameters: unknown[]) => Number((await rows(sql, parameters))[0]?.n ?? 0);

  return {
    async refunds(status, { first, after }, withOrder = null) {
      const start = readCursor(after, { refunds: status });
      const beyond = start ? 'and (requested_at, id) < (?, ?)' : '';
      const condition = statusIs(status);
      const found = await rows(
        `select page.*${snapshots.orderColumn(withOrder, 'page.order_id')} from (
           select * from order_refunds where ${condition.sql} ${beyond} order by requested_at desc, id desc limit ?) page
         order by requested_at desc, id desc`,
        [...condition.parameters, ...(start ? [start.at, start.id] : []), first + 1],
      );
      return pageOf(found.map(toRefund), first, { refunds: status }, ({ requestedAt: at, id }) => ({ at, id }));
    },
    countRefunds(status) {
      const { sql, parameters } = statusIs(status);
      return count(`select count(*) as n from order_refunds where ${sql}`, parameters);
    },
    async stuckSagas({ first, after }, withOrder = null) {
      const start = readCursor(after, 'stuckSagas');
      const beyond = start ? 'and (stuck_since, id) > (?, ?)' : '';
      const found = await rows(
        `select page.*${snapshots.orderColumn(withOrder, 'page.order_id')} from (
           select * from sagas where stuck_since is not null ${beyond} order by stuck_since, id limit ?) page
         order by stuck_since, id`,
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
