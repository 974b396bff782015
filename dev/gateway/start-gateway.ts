import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGatewayRuntime, getGraphQLWSOptions, Logger } from '@graphql-hive/gateway-runtime';
import type { GatewayPlugin, GatewayRuntime } from '@graphql-hive/gateway-runtime';
import http from '@graphql-mesh/transport-http';
import ws from '@graphql-mesh/transport-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { explorerOptions, explorerPage } from '../explorer/explorer-page.js';
import type { PreparedTab } from '../explorer/store-tabs.js';
import { composeSupergraph } from './compose.js';
import { errorCodes } from './error-codes.js';
import type { GatewaySubgraph } from './compose.js';

const PATH = '/graphql';
const CORRELATION_HEADER = 'x-correlation-id';
const PASSED_HEADERS = ['authorization', 'idempotency-key', CORRELATION_HEADER, 'traceparent', 'tracestate'];

export interface GatewayOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly subgraphs: readonly GatewaySubgraph[];
  /** The tabs that the explorer opens with, made each time that its page is asked for. */
  readonly explorerTabs?: () => Promise<readonly PreparedTab[]>;
  readonly log: (line: object) => void;
}

export interface Gateway {
  /** Of the GraphQL endpoint: HTTP, WebSocket, and the explorer for browsers. */
  readonly url: string;
  stop(): Promise<void>;
}

interface ClientContext {
  /** What the gateway says when it subscribes at a subgraph. */
  connectionParams?: { readonly Authorization: string };
}

/**
 * Starts a federation gateway on 127.0.0.1 over subgraphs that run already.
 * @throws Error when the subgraphs do not compose or the port is taken
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const runtime = createRuntime(composeSupergraph(options.subgraphs), options);
  const server = createServer((request, response) => void runtime(request, response));
  let stopSockets: (() => Promise<void>) | undefined;
  const stop = async () => {
    await stopSockets?.();
    await closeServer(server);
    await runtime[Symbol.asyncDispose]();
  };
  try {
    await listen(server, options.port);
    stopSockets = serveSockets(runtime, server);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;
    await warmUp(url);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createRuntime(supergraph: string, { explorerTabs, log }: GatewayOptions): GatewayRuntime<ClientContext> {
  const write = (level: string, details: unknown, message: unknown) => log({ level, message, details });
  return createGatewayRuntime<ClientContext>({
    supergraph,
    transports: { http, ws },
    transportEntries: {
      '*.http': {
        options: {
          subscriptions: {
            kind: 'ws',
            location: PATH,
            options: {
              connectionParams: { Authorization: '{context.connectionParams.Authorization}' },
              // A timer that keeps unused connections would keep a stopped gateway's process too.
              lazyCloseTimeout: 0,
            },
          },
        },
      },
    },
    graphqlEndpoint: PATH,
    landingPage: false,
    renderGraphiQL: explorerPage,
    graphiql: async () => explorerOptions((await explorerTabs?.()) ?? []),
    requestId: { headerName: CORRELATION_HEADER, generateRequestId: () => randomUUID() },
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) =>
        Object.fromEntries(PASSED_HEADERS.map((name) => [name, request.headers.get(name)])),
    },
    plugins: () => [identifyHttpSubscribers, errorCodes],
    logging: new Logger({ level: 'warn', writers: [{ write }] }),
  });
}

/** Subscriptions that come over HTTP (server-sent events) carry the token as a header. */
const identifyHttpSubscribers: GatewayPlugin<ClientContext> = {
  onContextBuilding({ context, extendContext }) {
    if (context.connectionParams) return;
    extendContext({ connectionParams: { Authorization: context.request?.headers.get('authorization') ?? '' } });
  },
};

function serveSockets(runtime: GatewayRuntime<ClientContext>, server: Server): () => Promise<void> {
  const sockets = new WebSocketServer({ server, path: PATH });
  const serving = useServer(
    getGraphQLWSOptions(runtime, ({ connectionParams }) => {
      const headers = socketHeaders(connectionParams ?? {});
      return {
        connectionParams: { Authorization: headers.get('authorization') ?? '' },
        request: new Request(`http://127.0.0.1${PATH}`, { headers }),
        headers: Object.fromEntries(headers),
      };
    }),
    sockets,
  );
  return async () => {
    await serving.dispose();
    for (const socket of sockets.clients) socket.terminate();
  };
}

/** What a socket's client said in connection_init, in any case, as the headers of each of its operations. */
function socketHeaders(connectionParams: Readonly<Record<string, unknown>>): Headers {
  const headers = new Headers({ [CORRELATION_HEADER]: randomUUID() });
  for (const [name, value] of Object.entries(connectionParams)) {
    if (typeof value === 'string' && PASSED_HEADERS.includes(name.toLowerCase())) headers.set(name, value);
  }
  return headers;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Its only error says that it was not listening, which is as good.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The first operation over WebSocket fails on a gateway that has not yet served one over HTTP. */
async function warmUp(url: string): Promise<void> {
  const body = JSON.stringify({ query: '{ __typename }' });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = await response.text();
  if (!answer.includes('"Query"')) throw new Error(`the gateway does not answer: ${answer}`);
}
