import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpServer } from '../../../src/server/http-server.js';
import { startBareServer } from './bare-server.js';
import { failingSchema } from './failing-schema.js';

const REQUEST_TIMEOUT_MS = 400;
const HEAD = 'POST /graphql HTTP/1.1\r\nhost: orders\r\n';
const BODY_HEAD = `${HEAD}content-type: application/json\r\ncontent-length: 1000\r\n\r\n`;
const TIMED_OUT = {
  status: 'HTTP/1.1 408 Request Timeout',
  body: { errors: [{ message: 'The request took too long to arrive.', extensions: { code: 'BAD_REQUEST' } }] },
};

let server: HttpServer;
beforeAll(async () => {
  const settings = { REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS) };
  server = await startBareServer({ schema: failingSchema(), settings });
});
afterAll(() => server.stop());

/** A connection of raw bytes. */
async function open(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  return socket.on('error', () => undefined);
}

/** What the server answers until it closes the connection, and after how many ms it does. */
async function answerOf(socket: Socket) {
  const start = performance.now();
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  // A connection that is reset closes as well.
  await new Promise((resolve) => socket.once('close', resolve));
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: head.split('\r\n')[0], body: body ? JSON.parse(body) : undefined, ms: performance.now() - start };
}

/** Sends one byte after the other, for ever. */
function drip(socket: Socket, byte: string): void {
  const timer = setInterval(() => socket.write(byte), 20);
  socket.once('close', () => clearInterval(timer));
}

describe('given a client that is slow', () => {
  test.each([
    ['with its first line', 'POST /gra', undefined],
    ['with its headers', HEAD, undefined],
    ['with its headers, byte by byte', `${HEAD}x-long: `, 'x'],
    ['with its body', BODY_HEAD, undefined],
    ['with its body, byte by byte', BODY_HEAD, ' '],
    [
      'with a chunked body',
      `${HEAD}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{`,
      undefined,
    ],
    ['with the upgrade to a WebSocket', 'GET /graphql HTTP/1.1\r\nhost: orders\r\nupgrade: websocket\r\n', undefined],
  ])('%s, then it is answered 408 and closed', async (_name, start, byte) => {
    const socket = await open();
    socket.write(start);
    if (byte) drip(socket, byte);
    const { ms, ...answer } = await answerOf(socket);
    // The answer is lost where bytes were still coming: the connection is reset then.
    if (!byte || answer.status) expect(answer).toEqual(TIMED_OUT);
    expect(ms).toBeGreaterThan(REQUEST_TIMEOUT_MS - 50);
  });

  test('with its second request over the same connection, then the first is answered, and it is closed', async () => {
    const socket = await open();
    const body = '{"query":"{ __typename }"}';
    socket.write(`${HEAD}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(String(first)).toContain('HTTP/1.1 200 OK');
    socket.write(BODY_HEAD);
    expect(await answerOf(socket)).toMatchObject(TIMED_OUT);
  });
});

describe('given bytes that are no request', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', '400 Bad Request'],
    ['two lengths', `${HEAD}content-length: 5\r\ncontent-length: 6\r\n\r\n`, '400 Bad Request'],
    [
      'headers that are too large',
      `${HEAD}x-long: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
  ])('%s, then they are answered as a mistake of the client', async (_name, bytes, status) => {
    const socket = await open();
    socket.write(bytes);
    const answer = await answerOf(socket);
    expect(answer.status).toBe(`HTTP/1.1 ${status}`);
    expect(answer.body.errors[0].extensions).toEqual({ code: 'BAD_REQUEST' });
  });
});
