import type { Fork } from './orm.js';

/** How long rows are kept that nobody needs for ever, ms. */
export interface Ages {
  /** Idempotency keys. */
  readonly requestsMs: number;
  /** Ids of messages that were taken in: longer than Kafka keeps a message, or it would count twice. */
  readonly inboxMs: number;
  /** Dead letters that were replayed or discarded; open ones stay. */
  readonly deadLettersMs: number;
}

/** A piece, so that no transaction is long. */
const PIECE = 1_000;
/** The course service itself has forgotten a deleted course long before. */
const DELETED_COURSES_MS = 30 * 24 * 60 * 60_000;

/** Deletes a piece of what has had its time from each table. @returns true when there may be more */
export async function forgetOld(fork: Fork, now: Date, ages: Ages): Promise<boolean> {
  const old: readonly [table: string, time: string, ageMs: number][] = [
    ['idempotency', 'created_at', ages.requestsMs],
    ['inbox', 'received_at', ages.inboxMs],
    ['dead_letters', 'resolved_at', ages.deadLettersMs],
    ['deleted_courses', 'deleted_at', DELETED_COURSES_MS],
  ];
  let more = false;
  for (const [table, time, ageMs] of old) {
    const rows = await fork().execute<unknown[]>(
      `delete from ${table} where ctid in (select ctid from ${table} where ${time} < ? limit ${PIECE}) returning 1`,
      [new Date(now.getTime() - ageMs)],
    );
    more ||= rows.length === PIECE;
  }
  return more;
}
