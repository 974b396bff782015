import { connect } from 'node:http2';
import fc from 'fast-check';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { signToken } from '../../../dev/sample/sign-token.js';
import { EXPECTED_CODES } from '../../../src/server/error-format.js';
import type { Hostile } from '../../integration/server/hostile-operations.js';
import { orderServiceClient, type WireClient } from '../../support/wire.js';
import type { Replica } from './replica.js';
import { ROUTER_SECRET, SITE_SECRET } from './secrets.js';

/** What is wrong with an answer; undefined for one that a client can rely on. */
export type Complaint = string | undefined;

/** Statuses that say a defect, not a refusal. */
const DEFECTS = new Set(['UNKNOWN', 'INTERNAL', 'DATA_LOSS']);
const METHODS = [
  'PlaceOrder',
  'GetOrderById',
  'GetOrders',
  'GetOrderStatus',
  'RestoreOrder',
  'GetRevenueStats',
  'BookSession',
];

/** Every door of a replica, as hostile callers use it. */
export interface HostileDoors {
  overHttp(operation: Hostile): Promise<Complaint>;
  overWebSocket(operation: Hostile): Promise<Complaint>;
  /** Bytes as the body of a request, with any content type and method. */
  rawHttp(request: RawRequest): Promise<Complaint>;
  overGrpc(call: GrpcCall): Promise<Complaint>;
  /** Bytes as the body of a gRPC call. */
  rawGrpc(body: Uint8Array): Promise<Complaint>;
  close(): Promise<void>;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
}

export interface GrpcCall {
  readonly method: string;
  readonly request: object;
  readonly metadata: Readonly<Record<string, string>>;
}

const words = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    '\u0000',
    '\ud800',
    '💸',
    'a'.repeat(1_000),
    '00000000-0000-4000-8000-000000000000',
    "'; --",
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.uuid(),
);
const number = fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31), 1_999, 2026);

export const rawRequests: fc.Arbitrary<RawRequest> = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
  path: fc.constantFrom(
    '/graphql',
    '/graphql/',
    '/graphql?query=%00',
    '/graphql?variables=%7B',
    '/%ff',
    '/ready',
    '/x',
  ),
  type: fc.constantFrom(
    'application/json',
    'text/plain',
    'application/graphql',
    'multipart/form-data',
    'a/b; charset=\\',
  ),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  ),
});

export const grpcCalls: fc.Arbitrary<GrpcCall> = fc.record({
  method: fc.constantFrom(...METHODS),
  request: fc.record(
    {
      user_id: words,
      order_id: words,
      session_id: words,
      course_ids: fc.array(words, { maxLength: 5 }),
      coupon_code: words,
      year: number,
      params: fc.record({ page: number, page_size: number, sort_order: words, status: words }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  ),
  metadata: fc.dictionary(
    fc.constantFrom('idempotency-key', 'x-correlation-id', 'x-user-id', 'authorization', 'traceparent'),
    fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?')),
  ),
});

export async function openHostileDoors(replica: Replica): Promise<HostileDoors> {
  const url = `${replica.url}/graphql`;
  const token = await signToken({
    userId: '00000000-0000-4000-8000-0000000000aa',
    roles: ['admin'],
    ttlSeconds: 3_600,
    secret: SITE_SECRET,
  });
  const authorization = `Bearer ${token}`;
  const headers = { 'x-router-secret': ROUTER_SECRET, authorization };
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: headers,
    retryAttempts: 5,
    shouldRetry: () => true,
  });
  const grpc = orderServiceClient(Number(replica.grpcPort));
  return {
    overHttp: async (operation) => {
      const init = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
      const answer = await fetch(url, { ...init, body: JSON.stringify(operation) });
      return complaintAbout(await answer.json());
    },
    overWebSocket: async (operation) => complaintAbout(await askOver(socket, operation)),
    rawHttp: async ({ method, path, type, body }) => {
      const init = { method, headers: { ...headers, 'content-type': type }, body: Buffer.from(body) };
      const { status } = await fetch(`${replica.url}${path}`, init);
      return status >= 500 && path !== '/ready' ? `${method} ${path} is answered with ${status}` : undefined;
    },
    overGrpc: (call) => callOver(grpc, call),
    rawGrpc: (body) => callRaw(Number(replica.grpcPort), body),
    close: async () => {
      await socket.dispose();
      grpc.close();
    },
  };
}

function complaintAbout(answer: unknown): Complaint {
  const { data, errors } = answer as { data?: unknown; errors?: readonly { extensions?: { code?: string } }[] };
  if (data === undefined && errors === undefined) return 'an answer with neither data nor errors';
  const unknown = (errors ?? []).filter(({ extensions }) => !EXPECTED_CODES.has(String(extensions?.code)));
  return unknown.length > 0 ? JSON.stringify(unknown) : undefined;
}

/** The first answer; refusals come as errors, and a connection that is closed for what was sent is an answer too. */
function askOver(client: Client, { query, variables }: Hostile): Promise<unknown> {
  return new Promise((resolve) => {
    let first: unknown = { data: null };
    client.subscribe(
      { query, variables },
      {
        next: (answer) => (first = answer),
        error: (reason) => resolve(Array.isArray(reason) ? { errors: reason } : { data: null }),
        complete: () => resolve(first),
      },
    );
  });
}

async function callOver(client: WireClient, { method, request, metadata }: GrpcCall): Promise<Complaint> {
  const { status, reason } = await client.call(method, request, metadata);
  return DEFECTS.has(status) ? `${method} is answered with ${status} ${reason ?? ''}` : undefined;
}

/** Whatever becomes of it, the call ends. */
function callRaw(port: number, body: Uint8Array): Promise<Complaint> {
  return new Promise((resolve) => {
    const session = connect(`http://127.0.0.1:${port}`);
    const end = () => {
      session.destroy();
      resolve(undefined);
    };
    session.on('error', end);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/order_service.OrderService/GetOrderStatus',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', end).on('close', end).resume();
    stream.end(Buffer.from(body));
  });
}
