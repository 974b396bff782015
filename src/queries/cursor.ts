import { createHash } from 'node:crypto';
import { validate as isUuid } from 'uuid';
import { isStorableTime } from '../entities/shared/time-range.js';

/** The cursor is broken, or of a list with another filter or order. */
export class BadCursor extends Error {
  override name = 'BadCursor';
}

/** Longest cursor that is read, characters; ours have fewer than 150. */
const LONGEST = 500;

/** Which part of a list: at most `first` after the cursor. */
export interface Page {
  readonly first: number;
  readonly after: string | null;
}

/** A part of a list: its rows, the cursor of each, and whether more follow. */
export interface ListPage<T> {
  readonly rows: readonly T[];
  /** Made when asked for. */
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
}

/** Where a row is in a list that is ordered by a time and the id. */
export interface Place {
  readonly at: Date;
  readonly id: string;
}

/** The page of rows of which one more than asked for was read. @param filter what the cursors are tied to */
export function pageOf<T>(
  found: readonly T[],
  first: number,
  filter: unknown,
  placeOf: (row: T) => Place,
): ListPage<T> {
  const rows = found.slice(0, first);
  return {
    rows,
    get cursors() {
      const of = fingerprint(filter);
      return rows.map((row) => cursorOf(placeOf(row), of));
    },
    hasNextPage: found.length > first,
  };
}

/** Ties a cursor to the list it came from. */
function fingerprint(filter: unknown): string {
  return createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 8);
}

/** The cursor of a place in the list with a fingerprint. */
function cursorOf({ at, id }: Place, of: string): string {
  return Buffer.from(JSON.stringify([at.toISOString(), id, of])).toString('base64url');
}

/** The place of a cursor; null without one. @throws BadCursor for one that is broken, or of another list */
export function readCursor(cursor: string | null, filter: unknown): Place | null {
  if (cursor === null) return null;
  const [at, id, of] = partsOf(cursor);
  const time = new Date(typeof at === 'string' ? at : Number.NaN);
  const isPlace = typeof id === 'string' && isUuid(id) && isStorableTime(time);
  if (!isPlace) throw new BadCursor('the cursor cannot be read');
  if (of !== fingerprint(filter)) throw new BadCursor('the cursor is of a list with another filter or order');
  return { at: time, id };
}

function partsOf(cursor: string): unknown[] {
  if (cursor.length > LONGEST) return [];
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch (error) {
    throw new BadCursor('the cursor cannot be read', { cause: error });
  }
}
