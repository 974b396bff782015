import { isStorableTime } from '../entities/shared/time-range.js';

/** Why a stream ends. */
export enum StreamEnd {
  COMPLETE = 'COMPLETE',
  TOKEN_EXPIRED = 'TOKEN_EXPIRED',
  ACCOUNT_BLOCKED = 'ACCOUNT_BLOCKED',
  TOO_SLOW = 'TOO_SLOW',
  SHUTDOWN = 'SHUTDOWN',
}

/** One message of a stream: an event with the present aggregate, or a snapshot of it. */
export interface Change<A, E> {
  readonly aggregate: A;
  /** Null for a snapshot. */
  readonly event: E | null;
  readonly ends: StreamEnd | null;
  /** Place in the stream of the aggregate's owner: whoever resumes there misses nothing. */
  readonly at: Date;
}

/** The form in which clients keep a place in the viewer's own stream. */
export function cursorOf(at: Date): string {
  return Buffer.from(at.toISOString()).toString('base64url');
}

/** The place that a cursor names; null when it is none of cursorOf(). */
export function placeOf(cursor: string): Date | null {
  const text = Buffer.from(cursor, 'base64url').toString();
  const at = new Date(text);
  return isStorableTime(at) && cursorOf(at) === cursor ? at : null;
}
