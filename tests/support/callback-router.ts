import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GraphAnswer } from '../integration/server/server-stand.js';

/** A call that a router got. */
export interface CallbackCall {
  readonly path: string;
  /** The value of the header `subscription-protocol`. */
  readonly protocol: string | undefined;
  readonly action: 'check' | 'next' | 'complete';
  readonly id: string;
  readonly verifier: string;
  readonly payload?: GraphAnswer;
  readonly errors?: NonNullable<GraphAnswer['errors']>;
}

/** How a router answers a call. */
export type CallbackAnswer = (response: ServerResponse) => void;

export const accepted: CallbackAnswer = (response) => void response.writeHead(204).end();

/** Every way in which a router can fail to take a call. */
export const FAULTS: Readonly<Record<string, CallbackAnswer>> = {
  'answers 400': (response) => void response.writeHead(400).end('no'),
  'answers 404': (response) => void response.writeHead(404).end(),
  'answers 500': (response) => void response.writeHead(500).end('x'.repeat(100_000)),
  redirects: (response) => void response.writeHead(307, { location: '/elsewhere' }).end(),
  'cuts the connection': (response) => void response.socket?.destroy(),
  'resets the connection': (response) => void response.socket?.resetAndDestroy(),
  'answers garbage': (response) => void response.socket?.end('\u0000\u0001garbage\r\n\r\n'),
  'cuts its answer': (response) => {
    response.writeHead(500, { 'content-length': '100' }).write('half');
    setImmediate(() => response.socket?.destroy());
  },
  'never answers': () => undefined,
};

/** What a router does that is called back; `answer` decides about each call. */
export async function startCallbackRouter() {
  const calls: CallbackCall[] = [];
  const router = { calls, answer: (_call: CallbackCall): CallbackAnswer => accepted };
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const call = await readCall(request);
    calls.push(call);
    router.answer(call)(response);
  };
  const server = createServer((request, response) => void take(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    calls,
    url: `http://127.0.0.1:${port}/callback`,
    /** From now on answers so; by default every call is accepted. */
    answers: (answer: (call: CallbackCall) => CallbackAnswer) => void (router.answer = answer),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type CallbackRouter = Awaited<ReturnType<typeof startCallbackRouter>>;

async function readCall(request: IncomingMessage): Promise<CallbackCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const protocol = request.headers['subscription-protocol'] as string | undefined;
  return { path: request.url ?? '', protocol, ...JSON.parse(Buffer.concat(chunks).toString()) } as CallbackCall;
}
