import { createHash } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import type { Order } from '../entities/order.js';
import type { OrderStatus } from '../entities/order-status.js';
import type { Fork } from '../persistence/orm.js';
import type { Row } from '../persistence/row-reader.js';
import type { OrderReads } from './order-reads.js';

/** Which orders a list has. */
export interface OrderListFilter {
  readonly status: readonly OrderStatus[] | null;
  readonly placedFrom: Date | null;
  readonly placedTo: Date | null;
  readonly courseId: string | null;
  readonly oldestFirst: boolean;
}

/** Which part of a list: at most `first` after the cursor. */
export interface Page {
  readonly first: number;
  readonly after: string | null;
}

export interface OrderPage {
  readonly orders: readonly Order[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
}

/** The cursor is broken, or of a list with another filter or order. */
export class BadCursor extends Error {
  override name = 'BadCursor';
}

export interface OrderLists {
  /** The same page of each buyer's orders, in one statement. @throws BadCursor */
  ofBuyers(buyerIds: readonly string[], filter: OrderListFilter, page: Page): Promise<ReadonlyMap<string, OrderPage>>;
  /** A part of a buyer's list by its place in it, for callers that know no cursors. */
  rowsOfBuyer(buyerId: string, filter: OrderListFilter, offset: number, limit: number): Promise<readonly Order[]>;
  count(buyerId: string | null, filter: OrderListFilter): Promise<number>;
  /** A page of all orders. @throws BadCursor */
  ofAll(filter: OrderListFilter, page: Page): Promise<OrderPage>;
}

/** Lists of orders by keyset (placed_at, id): a page costs the same wherever it is. */
export function createOrderLists(fork: Fork, reads: OrderReads): OrderLists {
  return {
    async ofBuyers(buyerIds, filter, page) {
      const where = beyondCursor(filter, page);
      const direction = filter.oldestFirst ? 'asc' : 'desc';
      const rows = await fork().execute<Row[]>(
        `select page.* from unnest(?::uuid[]) buyer (id) cross join lateral (
           select * from orders where buyer_id = buyer.id ${where.sql}
           order by placed_at ${direction}, id ${direction} limit ?) page`,
        [`{${buyerIds.join(',')}}`, ...where.parameters, page.first + 1],
      );
      const byBuyer = Map.groupBy(rows.map(reads.toOrder), ({ buyerId }) => buyerId);
      return new Map(buyerIds.map((id) => [id, pageOf(byBuyer.get(id) ?? [], filter, page.first)]));
    },
    async rowsOfBuyer(buyerId, filter, offset, limit) {
      const where = conditions(filter);
      const direction = filter.oldestFirst ? 'asc' : 'desc';
      const rows = await fork().execute<Row[]>(
        `select * from orders where buyer_id = ? ${where.sql}
         order by placed_at ${direction}, id ${direction} offset ? limit ?`,
        [buyerId, ...where.parameters, offset, limit],
      );
      return rows.map(reads.toOrder);
    },
    async count(buyerId, filter) {
      const where = conditions(filter);
      if (buyerId !== null) where.add('buyer_id = ?', buyerId);
      const sql = `select count(*) as n from orders where true ${where.sql}`;
      const [row] = await fork().execute<{ n: string }[]>(sql, where.parameters);
      return Number(row?.n ?? 0);
    },
    async ofAll(filter, page) {
      const where = beyondCursor(filter, page);
      const direction = filter.oldestFirst ? 'asc' : 'desc';
      const rows = await fork().execute<Row[]>(
        `select * from orders where true ${where.sql} order by placed_at ${direction}, id ${direction} limit ?`,
        [...where.parameters, page.first + 1],
      );
      return pageOf(rows.map(reads.toOrder), filter, page.first);
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
  const start = page.after === null ? undefined : readCursor(page.after, filter);
  if (start) where.add(`(placed_at, id) ${filter.oldestFirst ? '>' : '<'} (?, ?)`, start.placedAt, start.id);
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
  if (filter.courseId) {
    const found = `exists (select 1 from order_items item where item.order_id = orders.id and item.revision = orders.revision
      and item.kind = 'COURSE' and item.product_id = ?)`;
    where.add(isUuid(filter.courseId) ? found : 'false', ...(isUuid(filter.courseId) ? [filter.courseId] : []));
  }
  return where;
}

function pageOf(orders: readonly Order[], filter: OrderListFilter, first: number): OrderPage {
  const shown = orders.slice(0, first);
  return { orders: shown, cursors: shown.map((order) => cursorOf(order, filter)), hasNextPage: orders.length > first };
}

/** Ties a cursor to the list it came from. */
function fingerprint(filter: OrderListFilter): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 8);
}

function cursorOf({ placedAt, id }: Order, filter: OrderListFilter): string {
  return Buffer.from(JSON.stringify([placedAt.toISOString(), id, fingerprint(filter)])).toString('base64url');
}

function readCursor(cursor: string, filter: OrderListFilter): { placedAt: Date; id: string } {
  try {
    const [at, id, of] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const placedAt = new Date(at as string);
    if (typeof id === 'string' && isUuid(id) && of === fingerprint(filter) && !Number.isNaN(placedAt.getTime())) {
      return { placedAt, id };
    }
  } catch (error) {
    throw new BadCursor('the cursor cannot be read', { cause: error });
  }
  throw new BadCursor('the cursor is of a list with another filter or order');
}
