import { validate as isUuid } from 'uuid';
import type { Order } from '../entities/order.js';
import type { OrderStatus } from '../entities/order-status.js';
import type { Fork } from '../persistence/orm.js';
import type { Row } from '../persistence/row-reader.js';
import { pageOf, readCursor, type ListPage, type Page } from './cursor.js';
import { NO_PARTS, type WantedParts } from './order/order-snapshots.js';
import type { OrderReads } from './order-reads.js';

/** Which orders a list has. */
export interface OrderListFilter {
  readonly status: readonly OrderStatus[] | null;
  readonly placedFrom: Date | null;
  readonly placedTo: Date | null;
  readonly courseId: string | null;
  readonly oldestFirst: boolean;
}

/** A page of orders. */
export type OrderPage = ListPage<Order>;

export interface OrderLists {
  /** The same page of each buyer's orders, in one statement. @throws BadCursor */
  ofBuyers(
    buyerIds: readonly string[],
    filter: OrderListFilter,
    page: Page,
    parts?: WantedParts,
  ): Promise<ReadonlyMap<string, OrderPage>>;
  /** A part of a buyer's list by its place in it, for callers that know no cursors. */
  rowsOfBuyer(
    buyerId: string,
    filter: OrderListFilter,
    offset: number,
    limit: number,
    parts?: WantedParts,
  ): Promise<readonly Order[]>;
  count(buyerId: string | null, filter: OrderListFilter): Promise<number>;
  /** The length of each buyer's list, in one statement; a buyer without orders is missing. */
  countOfBuyers(buyerIds: readonly string[], filter: OrderListFilter): Promise<ReadonlyMap<string, number>>;
  /** A page of all orders. @throws BadCursor */
  ofAll(filter: OrderListFilter, page: Page, parts?: WantedParts): Promise<OrderPage>;
}

/**
 * Lists of orders by keyset (placed_at, id): a page costs the same wherever it is. Parts that are wanted are read in the
 * statement that reads the page, from the same snapshot.
 */
export function createOrderLists(fork: Fork, { snapshots }: Pick<OrderReads, 'snapshots'>): OrderLists {
  return {
    async ofBuyers(buyerIds, filter, page, parts = NO_PARTS) {
      const where = beyondCursor(filter, page);
      const direction = filter.oldestFirst ? 'asc' : 'desc';
      const rows = await fork().execute<Row[]>(
        `select page.*${snapshots.columns(parts, 'page', `page.place <= ${page.first}`)}
         from unnest(?::uuid[]) buyer (id) cross join lateral (
           select *, row_number() over (order by placed_at ${direction}, id ${direction}) as place
           from orders where buyer_id = buyer.id ${where.sql}
           order by placed_at ${direction}, id ${direction} limit ?) page`,
        [`{${buyerIds.join(',')}}`, ...where.parameters, page.first + 1],
      );
      const byBuyer = Map.groupBy(rows.map(snapshots.toOrder), ({ buyerId }) => buyerId);
      return new Map(buyerIds.map((id) => [id, orderPage(byBuyer.get(id) ?? [], filter, page.first)]));
    },
    async rowsOfBuyer(buyerId, filter, offset, limit, parts = NO_PARTS) {
      const where = conditions(filter);
      const direction = filter.oldestFirst ? 'asc' : 'desc';
      const rows = await fork().execute<Row[]>(
        `select page.*${snapshots.columns(parts, 'page')} from (
           select * from orders where buyer_id = ? ${where.sql}
           order by placed_at ${direction}, id ${direction} offset ? limit ?) page
         order by placed_at ${direction}, id ${direction}`,
        [buyerId, ...where.parameters, offset, limit],
      );
      return rows.map(snapshots.toOrder);
    },
    async count(buyerId, filter) {
      const where = conditions(filter);
      if (buyerId !== null) where.add('buyer_id = ?', buyerId);
      const sql = `select count(*) as n from orders where true ${where.sql}`;
      const [row] = await fork().execute<{ n: string }[]>(sql, where.parameters);
      return Number(row?.n ?? 0);
    },
    async countOfBuyers(buyerIds, filter) {
      const where = conditions(filter);
      const rows = await fork().execute<{ buyer_id: string; n: string }[]>(
        `select buyer_id, count(*) as n from orders where buyer_id in (?) ${where.sql} group by buyer_id`,
        [buyerIds, ...where.parameters],
      );
      return new Map(rows.map(({ buyer_id: id, n }) => [id, Number(n)]));
    },
    async ofAll(filter, page, parts = NO_PARTS) {
      const where = beyondCursor(filter, page);
      const direction = filter.oldestFirst ? 'asc' : 'desc';
      const rows = await fork().execute<Row[]>(
        `select page.*${snapshots.columns(parts, 'page')} from (
           select * from orders where true ${where.sql} order by placed_at ${direction}, id ${direction} limit ?) page
         order by placed_at ${direction}, id ${direction}`,
        [...where.parameters, page.first + 1],
      );
      return orderPage(rows.map(snapshots.toOrder), filter, page.first);
    },
  };
}

class Conditions {
  sql = '';
  readonly parameters: unknown[] = [];

  add(condition: string, ...parameters: unknown[]): void {
    this.sql += ` and ${condition}`;
    this.parameters.push(...parameters);
  }
}

/** The filter, and what is beyond the page's cursor. @throws BadCursor */
function beyondCursor(filter: OrderListFilter, page: Page): Conditions {
  const where = conditions(filter);
  const start = readCursor(page.after, filter);
  if (start) where.add(`(placed_at, id) ${filter.oldestFirst ? '>' : '<'} (?, ?)`, start.at, start.id);
  return where;
}

function conditions(filter: OrderListFilter): Conditions {
  const where = new Conditions();
  if (filter.status)
    where.add(
      filter.status.length > 0 ? 'status in (?)' : 'false',
      ...(filter.status.length > 0 ? [filter.status] : []),
    );
  if (filter.placedFrom) where.add('placed_at >= ?', filter.placedFrom);
  if (filter.placedTo) where.add('placed_at < ?', filter.placedTo);
  if (filter.courseId !== null) {
    const found = `exists (select 1 from order_items item where item.order_id = orders.id and item.revision = orders.revision
      and item.kind = 'COURSE' and item.product_id = ?)`;
    where.add(isUuid(filter.courseId) ? found : 'false', ...(isUuid(filter.courseId) ? [filter.courseId] : []));
  }
  return where;
}

function orderPage(found: readonly Order[], filter: OrderListFilter, first: number): OrderPage {
  return pageOf(found, first, filter, ({ placedAt: at, id }) => ({ at, id }));
}
