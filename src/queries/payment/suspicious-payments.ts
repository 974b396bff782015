import type { MikroORM } from '@mikro-orm/postgresql';
import { SuspiciousPayment, type SuspiciousPaymentStatus } from '../../entities/payment/suspicious-payment.js';
import type { Fork } from '../../persistence/orm.js';
import { rowReader, type Row } from '../../persistence/row-reader.js';
import { pageOf, readCursor, type ListPage, type Page } from '../cursor.js';

/** The messages about payments that were not applied, as operators see them. */
export interface SuspiciousPayments {
  /** Newest first. @throws BadCursor */
  list(status: readonly SuspiciousPaymentStatus[] | null, page: Page): Promise<ListPage<SuspiciousPayment>>;
  count(status: readonly SuspiciousPaymentStatus[] | null): Promise<number>;
}

export function createSuspiciousPayments(orm: MikroORM, fork: Fork): SuspiciousPayments {
  const toEntity = rowReader(orm, SuspiciousPayment);
  const rows = (sql: string, parameters: unknown[]) => fork().execute<Row[]>(sql, parameters);
  return {
    async list(status, { first, after }) {
      const about = { suspiciousPayments: status };
      const start = readCursor(after, about);
      const beyond = start ? 'and (received_at, id) < (?, ?)' : '';
      const found = await rows(
        `select * from suspicious_payments where ${statusIn(status)} ${beyond}
         order by received_at desc, id desc limit ?`,
        [...valuesOf(status), ...(start ? [start.at, start.id] : []), first + 1],
      );
      return pageOf(found.map(toEntity), first, about, ({ receivedAt: at, id }) => ({ at, id }));
    },
    async count(status) {
      const [row] = await rows(
        `select count(*) as n from suspicious_payments where ${statusIn(status)}`,
        valuesOf(status),
      );
      return Number(row?.n ?? 0);
    },
  };
}

type Statuses = readonly SuspiciousPaymentStatus[] | null;

function statusIn(status: Statuses): string {
  if (!status) return 'true';
  return status.length > 0 ? 'status in (?)' : 'false';
}

const valuesOf = (status: Statuses): unknown[] => (status?.length ? [status] : []);
