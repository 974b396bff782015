import type { MikroORM } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import type { RefundStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { Saga } from '../entities/saga.js';
import type { Fork } from '../persistence/orm.js';
import { rowReader, type Row } from '../persistence/row-reader.js';
import { BadCursor, type Page } from './order-lists.js';

/** A part of a list: its rows, the cursor of each, and whether more follow. */
export interface ListPage<T> {
  readonly rows: readonly T[];
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
}

/** What operators look at beside orders. */
export interface OperatorLists {
  /** Newest first. @throws BadCursor */
  refunds(status: readonly RefundStatus[] | null, page: Page): Promise<ListPage<OrderRefund>>;
  countRefunds(status: readonly RefundStatus[] | null): Promise<number>;
  /** Longest stuck first. @throws BadCursor */
  stuckSagas(page: Page): Promise<ListPage<Saga>>;
  countStuckSagas(): Promise<number>;
}

export function createOperatorLists(orm: MikroORM, fork: Fork): OperatorLists {
  const toRefund = rowReader(orm, OrderRefund);
  const toSaga = rowReader(orm, Saga);
  const rows = (sql: string, parameters: unknown[]) => fork().execute<Row[]>(sql, parameters);
  const count = async (sql: string, parameters: unknown[]) => Number((await rows(sql, parameters))[0]?.n ?? 0);
  const statusIn = (status: readonly RefundStatus[] | null) =>
    status?.length ? 'status in (?)' : status ? 'false' : 'true';
  const values = (status: readonly RefundStatus[] | null) => (status?.length ? [status] : []);

  return {
    async refunds(status, { first, after }) {
      const start = after === null ? undefined : readPlace(after);
      const beyond = start ? 'and (requested_at, id) < (?, ?)' : '';
      const found = await rows(
        `select * from order_refunds where ${statusIn(status)} ${beyond} order by requested_at desc, id desc limit ?`,
        [...values(status), ...(start ?? []), first + 1],
      );
      return pageOf(found.map(toRefund), first, ({ requestedAt, id }) => place(requestedAt, id));
    },
    countRefunds: (status) =>
      count(`select count(*) as n from order_refunds where ${statusIn(status)}`, values(status)),
    async stuckSagas({ first, after }) {
      const start = after === null ? undefined : readPlace(after);
      const beyond = start ? 'and (stuck_since, id) > (?, ?)' : '';
      const found = await rows(
        `select * from sagas where stuck_since is not null ${beyond} order by stuck_since, id limit ?`,
        [...(start ?? []), first + 1],
      );
      return pageOf(found.map(toSaga), first, ({ stuckSince, id }) => place(stuckSince ?? new Date(0), id));
    },
    countStuckSagas: () => count('select count(*) as n from sagas where stuck_since is not null', []),
  };
}

function pageOf<T>(found: readonly T[], first: number, cursorOf: (row: T) => string): ListPage<T> {
  const shown = found.slice(0, first);
  return { rows: shown, cursors: shown.map(cursorOf), hasNextPage: found.length > first };
}

function place(at: Date, id: string): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

function readPlace(cursor: string): [Date, string] {
  const [text = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const at = new Date(text);
  if (!isUuid(id) || Number.isNaN(at.getTime())) throw new BadCursor('the cursor cannot be read');
  return [at, id];
}
