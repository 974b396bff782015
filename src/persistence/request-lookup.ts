import DataLoader from 'dataloader';
import { meaningOf, type Remembered, type RequestKey } from './idempotency.js';
import type { Fork } from './orm.js';

/** What is known of a request at a time. */
export type RequestLookup = (request: RequestKey, now: Date) => Promise<Remembered>;

interface Row {
  readonly viewer_id: string;
  readonly operation: string;
  readonly key: string;
  readonly request_hash: string;
  readonly result: string | null;
  readonly lease_until: string | Date | null;
}

const MOST_AT_ONCE = 64;

/** Looks requests up outside a transaction: those that are asked for in one turn of the event loop share a statement. */
export function createRequestLookup(fork: Fork): RequestLookup {
  const loader = new DataLoader((requests: readonly RequestKey[]) => find(fork, requests), {
    // Every call sees the present: what was unknown a moment ago may have been done since.
    cache: false,
    maxBatchSize: MOST_AT_ONCE,
    batchScheduleFn: (load) => void setImmediate(load),
  });
  return async (request, now) => meaningOf(await loader.load(request), request, now);
}

const asText = (viewerId: string, operation: string, key: string): string =>
  `${viewerId.toLowerCase()}\n${operation}\n${key}`;

async function find(fork: Fork, requests: readonly RequestKey[]) {
  const rows = await fork().execute<Row[]>(
    `select known.* from "idempotency" known join unnest(array[?]::uuid[], array[?]::text[], array[?]::text[])
       wanted (viewer_id, operation, key) using (viewer_id, operation, key)`,
    [
      requests.map(({ viewerId }) => viewerId),
      requests.map(({ operation }) => operation),
      requests.map(({ key }) => key),
    ],
  );
  const found = new Map(rows.map((row) => [asText(row.viewer_id, row.operation, row.key), row]));
  return requests.map(({ viewerId, operation, key }) => {
    const row = found.get(asText(viewerId, operation, key));
    if (!row) return null;
    const { request_hash: requestHash, result, lease_until: until } = row;
    return { requestHash, result, leaseUntil: until === null ? null : new Date(until) };
  });
}
