import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startGrpcServer, type GrpcServer } from '../../../src/grpc/grpc-server.js';
import type { OrderServiceImplementation } from '../../../src/generated/order_service.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';

const MESSAGE = 64 * 1024;
const STATUS = { OK: '0', RESOURCE_EXHAUSTED: '8', UNIMPLEMENTED: '12' };
let server: GrpcServer;
let answered = 0;
/** Answers wait for it, where a test sets it. */
let slow: PromiseWithResolvers<void> | undefined;

beforeAll(async () => {
  const answer = async () => {
    answered += 1;
    await slow?.promise;
    return { result: undefined };
  };
  server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    limits: { messageBytes: MESSAGE, streams: 3, connections: 4, requests: 5, connectionAgeMs: 60_000, requestMs: 300 },
    reflects: false,
    service: new Proxy({}, { get: () => answer }) as OrderServiceImplementation,
    health: { current: () => ({ ready: true, status: 'healthy', parts: {}, problems: {} }) },
    metrics: createMetrics(),
    isPassing: () => false,
    log: testLog(),
  });
});
afterAll(() => server.stop());

beforeEach(() => {
  answered = 0;
  slow = undefined;
});

/** One gRPC message: whether it is compressed, its length, its bytes. */
function framed(bytes: Buffer, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Calls GetOrderStatus with these bytes as its body. @returns the gRPC status; what the stream ends with where it has none */
function call(session: ClientHttp2Session, body: Buffer, { ends = true, encoding = 'identity', path = '' } = {}) {
  return new Promise<string>((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path || '/order_service.OrderService/GetOrderStatus',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-encoding': encoding,
    });
    let status = 'ended without one';
    const read = (headers: object) => (status = String((headers as Record<string, string>)['grpc-status'] ?? status));
    stream
      .on('response', read)
      .on('trailers', read)
      .on('error', () => undefined);
    stream.on('close', () => resolve(status));
    stream.resume();
    if (ends) stream.end(body);
    else stream.write(body);
  });
}

async function withSession<T>(work: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  session.on('error', () => undefined);
  try {
    return await work(session);
  } finally {
    session.destroy();
  }
}

describe('given a caller who is not signed in', () => {
  test('when a request is larger than the contract needs, then it is refused before it is read', async () => {
    expect(await withSession((session) => call(session, framed(Buffer.alloc(MESSAGE + 1))))).toBe(
      STATUS.RESOURCE_EXHAUSTED,
    );
    expect(answered).toBe(0);
  });

  test('when a small request inflates to a large one, then it is refused while it is inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(MESSAGE);
    const status = await withSession((session) => call(session, framed(bomb, true), { encoding: 'gzip' }));
    expect([status, answered]).toEqual([STATUS.RESOURCE_EXHAUSTED, 0]);
  });

  test('when a body never ends, then its call is ended and its stream is free again', async () => {
    const unfinished = framed(Buffer.alloc(100)).subarray(0, 50);
    const statuses = await withSession((session) =>
      Promise.all(Array.from({ length: 9 }, () => call(session, unfinished, { ends: false }))),
    );
    expect(statuses).toEqual(Array(9).fill('ended without one'));
  });

  test('when more calls are open than a connection may have, then the rest waits at the caller', async () => {
    await withSession(async (session) => {
      await call(session, framed(Buffer.alloc(0)));
      expect(session.remoteSettings.maxConcurrentStreams).toBe(3);
    });
  });

  test('when more connections are opened than there may be, then the rest is closed, and a freed place can be had', async () => {
    const open = () =>
      new Promise<Socket>((resolve) => {
        const socket = connect(server.port, '127.0.0.1', () => resolve(socket));
        socket.on('error', () => undefined);
      });
    const sockets = await Promise.all(Array.from({ length: 10 }, open));
    const closed = () => sockets.filter((socket) => socket.closed || socket.readableEnded || socket.destroyed).length;
    for (const socket of sockets) socket.resume();
    await eventually(closed, (count) => count === 6);
    sockets.forEach((socket) => socket.destroy());
    await eventually(
      () => withSession((session) => call(session, framed(Buffer.alloc(0)))),
      (status) => status === STATUS.OK,
    );
  });

  /** Opens connections that have not made a call. */
  const openSessions = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const session = connectHttp2(`http://127.0.0.1:${server.port}`).on('error', () => undefined);
        await once(session, 'connect');
        return session;
      }),
    );
  const works = () => withSession((session) => call(session, framed(Buffer.alloc(0))));

  test('when all connections are taken and make no calls, whatever else they send, then a new one gets a place', async () => {
    const sessions = await openSessions(4);
    const pinging = setInterval(() => sessions.forEach((one) => one.destroyed || one.ping(() => undefined)), 20);
    await eventually(works, (status) => status === STATUS.OK);
    expect(sessions.filter(({ destroyed, closed }) => destroyed || closed).length).toBeGreaterThan(0);
    clearInterval(pinging);
    sessions.forEach((one) => one.destroy());
  });

  test('when all connections have calls under way, then none of them is closed for a new one', async () => {
    const sessions = await openSessions(4);
    slow = Promise.withResolvers();
    const calls = sessions.map((session) => call(session, framed(Buffer.alloc(0))));
    const since = performance.now();
    // Longer than a connection may be without a call.
    await eventually(() => answered === 4 && performance.now() - since > 400, Boolean);
    expect(await works()).toBe('ended without one');
    slow.resolve();
    expect(await Promise.all(calls)).toEqual(Array(4).fill(STATUS.OK));
    sessions.forEach((one) => one.destroy());
  });

  test('when too many requests are arriving over all connections, then the slowest gives its place to a new one', async () => {
    const unfinished = framed(Buffer.alloc(100)).subarray(0, 50);
    const stuck = [0, 1].map(() =>
      withSession((session) =>
        Promise.all(Array.from({ length: 3 }, () => call(session, unfinished, { ends: false }))),
      ),
    );
    await eventually(works, (status) => status === STATUS.OK);
    await Promise.all(stuck);
  });

  test('when reflection is off, then nobody learns the services by it', async () => {
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const status = await withSession((session) => call(session, framed(Buffer.alloc(0)), { path }));
    expect(status).toBe(STATUS.UNIMPLEMENTED);
  });
});
