import { createHash } from 'node:crypto';
import { IdempotencyRecord } from './idempotency-record.js';
import type { EntityManager, Fork } from './orm.js';

/** What a request is remembered under. */
export interface RequestKey {
  readonly viewerId: string;
  readonly operation: string;
  readonly key: string;
  /** Hash of the canonical input. */
  readonly requestHash: string;
}

/** What is known of a request: nothing, its success, that it is being worked on, or that the key means another one. */
export type Remembered =
  | { readonly is: 'unknown' }
  | { readonly is: 'done'; readonly result: string }
  | { readonly is: 'running' }
  | { readonly is: 'other' };

/** How long a claim keeps duplicates waiting when its process has died, ms. */
const LEASE_MS = 30_000;

/** Hash of an input in a form that does not depend on the order of its fields. */
export function requestHash(input: Readonly<Record<string, unknown>>): string {
  const canonical = JSON.stringify(Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(canonical).digest('base64url');
}

/** Looks a request up. */
export async function remembered(fork: Fork, request: RequestKey, now: Date): Promise<Remembered> {
  const { viewerId, operation, key } = request;
  return meaningOf(await fork().findOne(IdempotencyRecord, { viewerId, operation, key }), request, now);
}

/** What a stored record says about a request, or the absence of one. */
export function meaningOf(
  record: Pick<IdempotencyRecord, 'requestHash' | 'result' | 'leaseUntil'> | null,
  request: RequestKey,
  now: Date,
): Remembered {
  if (!record) return { is: 'unknown' };
  if (record.requestHash !== request.requestHash) return { is: 'other' };
  if (record.result !== null) return { is: 'done', result: record.result };
  return record.leaseUntil !== null && record.leaseUntil > now ? { is: 'running' } : { is: 'unknown' };
}

/**
 * True when another call has this key. To be asked with the order locked and before any check: a call that was first has
 * changed what the checks look at.
 */
export async function isTaken(em: EntityManager, request: RequestKey, now: Date): Promise<boolean> {
  return (await remembered(() => em, request, now)).is !== 'unknown';
}

/** Remembers a success in the unit of work that makes it. */
export function rememberWith(em: EntityManager, request: RequestKey, result: string, now: Date): void {
  em.persist(Object.assign(new IdempotencyRecord(), { ...request, result, leaseUntil: null, createdAt: now }));
}

/**
 * Takes the right to work on a request with an outside call, in the caller's transaction. A claim whose lease has ended
 * is taken over.
 * @returns false when another process is at it, has done it, or the key means another request
 */
export async function claimRequest(em: EntityManager, request: RequestKey, now: Date): Promise<boolean> {
  const until = new Date(now.getTime() + LEASE_MS);
  const rows = await em.execute<unknown[]>(
    `insert into idempotency (viewer_id, operation, key, request_hash, result, lease_until, created_at)
     values (?, ?, ?, ?, null, ?, ?)
     on conflict (viewer_id, operation, key) do update set lease_until = excluded.lease_until
     where idempotency.result is null and idempotency.lease_until <= ? and idempotency.request_hash = excluded.request_hash
     returning 1`,
    [request.viewerId, request.operation, request.key, request.requestHash, until, now, now],
  );
  return rows.length > 0;
}

/** Stores the success of a claimed request. */
export async function completeRequest(em: EntityManager, request: RequestKey, result: string): Promise<void> {
  await em.execute(
    `update idempotency set result = ?, lease_until = null where viewer_id = ? and operation = ? and key = ?`,
    [result, request.viewerId, request.operation, request.key],
  );
}

/** Lets a claimed request go after a refusal: only successes are remembered. */
export async function releaseRequest(em: EntityManager, request: RequestKey): Promise<void> {
  await em.execute(`delete from idempotency where viewer_id = ? and operation = ? and key = ? and result is null`, [
    request.viewerId,
    request.operation,
    request.key,
  ]);
}
