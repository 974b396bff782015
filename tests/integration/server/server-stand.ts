import { createClient, type Client } from 'graphql-ws';
import pg from 'pg';
import type { Logger } from 'pino';
import WebSocket from 'ws';
import { signToken } from '../../../dev/sample/sign-token.js';
import { startApp } from '../../../src/app.js';
import { LAPTOP_JWT_SECRET, loadConfig } from '../../../src/config.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';
import { migrate } from '../../../src/persistence/migrate.js';
import { createMemoryHints } from '../../../src/subscriptions/memory-hints.js';
import { testLog } from '../../support/log.js';
import { createDatabase } from '../../support/postgres.js';

/** Nobody answers there: what asks the neighbours is answered with SERVICE_UNAVAILABLE. */
const NOBODY = '127.0.0.1:9';

/** An answer, errors and all, with data as loose as parsed JSON. */
export interface GraphAnswer {
  readonly data?: ReturnType<typeof JSON.parse>;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

/** One of the two ways in. */
export interface Door {
  readonly name: 'HTTP' | 'WebSocket';
  /** Asks as the owner of a token, or as nobody. */
  ask(query: string, variables?: object, token?: string): Promise<GraphAnswer>;
}

/** The real service with the real schema and an empty database, without neighbours. */
export interface ServerStand {
  readonly url: string;
  readonly doors: readonly [http: Door, webSocket: Door];
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  tokenOf(userId: string, roles?: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** @param settings beside those that the stand needs */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
  log: Logger = testLog(),
): Promise<ServerStand> {
  const database = await createDatabase();
  await migrate(database.url, log);
  const pool = new pg.Pool({ connectionString: database.url, max: 8 });
  const bus = createPostgresBus({ pool, partitions: 1, log });
  const config = loadConfig({
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    GRPC_PORT: '0',
    DATABASE_URL: database.url,
    USER_SERVICE_GRPC: NOBODY,
    COURSE_SERVICE_GRPC: NOBODY,
    PAYMENT_SERVICE_GRPC: NOBODY,
    NEIGHBOUR_TIMEOUT_MS: '200',
    JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET,
    SHUTDOWN_DELAY_MS: '0',
    ...settings,
  });
  const app = await startApp(config, { bus, hints: createMemoryHints(), log });
  const url = `${app.httpUrl}/graphql`;
  const http = httpDoor(url);
  const sockets = webSocketDoor(url);
  return {
    url,
    doors: [http, sockets],
    post: (body, headers = {}) =>
      fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }),
    tokenOf: (userId, roles = ['student']) => signToken({ userId, roles, ttlSeconds: 600, secret: LAPTOP_JWT_SECRET }),
    stop: async () => {
      await sockets.close();
      await app.stop();
      await bus.close();
      await pool.end();
      await database.drop();
    },
  };
}

/** GraphQL over HTTP. */
export function httpDoor(url: string): Door {
  return {
    name: 'HTTP',
    ask: async (query, variables = {}, token = undefined) => {
      const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
      return (await answer.json()) as GraphAnswer;
    },
  };
}

/** GraphQL over WebSocket, with one connection for each token. */
export function webSocketDoor(url: string): Door & { close(): Promise<void> } {
  const clients = new Map<string | undefined, Client>();
  const clientOf = (token: string | undefined) => {
    const client = clients.get(token) ?? openSocket(url, token ? { Authorization: `Bearer ${token}` } : {});
    clients.set(token, client);
    return client;
  };
  return {
    name: 'WebSocket',
    ask: (query, variables = {}, token = undefined) => askOnce(clientOf(token), query, variables),
    close: async () => {
      for (const client of clients.values()) await client.dispose();
    },
  };
}

export function openSocket(
  url: string,
  connectionParams: Record<string, unknown>,
  options: Partial<Parameters<typeof createClient>[0]> = {},
): Client {
  const webSocketUrl = url.replace(/^http/, 'ws');
  return createClient({ url: webSocketUrl, webSocketImpl: WebSocket, connectionParams, retryAttempts: 0, ...options });
}

/** The first answer to an operation; refusals come as errors. */
export function askOnce(client: Client, query: string, variables: object = {}): Promise<GraphAnswer> {
  return new Promise((resolve, reject) => {
    let first: GraphAnswer = {};
    client.subscribe(
      { query, variables: variables as Record<string, unknown> },
      {
        next: (answer) => (first = answer as GraphAnswer),
        error: (reason) => (Array.isArray(reason) ? resolve({ errors: reason }) : reject(reason as Error)),
        complete: () => resolve(first),
      },
    );
  });
}
