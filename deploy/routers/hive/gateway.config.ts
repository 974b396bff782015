/**
 * Hive Gateway 2 before the subgraphs of supergraph.yaml: hive-gateway supergraph -c deploy/routers/hive/gateway.config.ts
 * ROUTER_SECRET must be set. SUPERGRAPH names what `npm run compose-supergraph -- supergraph.graphql` wrote.
 */
const { env } = process;

/** What a client may say to every subgraph. */
const PASSED = ['authorization', 'idempotency-key', 'x-correlation-id', 'traceparent'];

interface Propagation {
  readonly request: Request;
  /** With what a WebSocket's client said in connection_init. */
  readonly context: { readonly connectionParams?: Readonly<Record<string, unknown>> };
  readonly subgraphName: string;
}

/** What came with an operation, over HTTP or over a WebSocket. */
function saidBy({ request, context }: Propagation): Record<string, string | null> {
  const params = Object.entries(context.connectionParams ?? {});
  const said = (name: string) => params.find(([key, value]) => key.toLowerCase() === name && typeof value === 'string');
  return Object.fromEntries(
    PASSED.map((name) => [name, request.headers.get(name) ?? (said(name)?.[1] as string | undefined) ?? null]),
  );
}

function needed(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const secret = needed('ROUTER_SECRET');

/** What the gateway reads: one subgraph a transport entry, its address and how it is subscribed at. */
export const gatewayConfig = {
  supergraph: env['SUPERGRAPH'] ?? './supergraph.graphql',
  host: env['ROUTER_HOST'] ?? '127.0.0.1',
  port: Number(env['ROUTER_PORT'] ?? 4000),
  cors: { origin: [env['CORS_ORIGIN'] ?? 'http://127.0.0.1:3000'], credentials: false },
  landingPage: false,
  graphiql: false,
  disableIntrospection: env['ROUTER_INTROSPECTION'] === 'true' ? undefined : { disableIf: () => true },
  requestId: { headerName: 'x-correlation-id' },
  propagateHeaders: {
    fromClientToSubgraphs(propagation: Propagation): Record<string, string | null> {
      const headers = saidBy(propagation);
      // Without it the orders subgraph answers nobody; the others must not learn it.
      return propagation.subgraphName === 'orders' ? { ...headers, 'x-router-secret': secret } : headers;
    },
  },
  transportEntries: {
    orders: {
      location: env['ORDERS_URL'] ?? 'http://127.0.0.1:4001/graphql',
      options: {
        subscriptions: {
          kind: 'ws',
          location: '/graphql',
          options: {
            connectionParams: {
              Authorization: '{context.connectionParams.Authorization}',
              'x-router-secret': secret,
            },
          },
        },
      },
    },
    users: { location: env['USERS_URL'] ?? 'http://127.0.0.1:4002/graphql' },
    courses: { location: env['COURSES_URL'] ?? 'http://127.0.0.1:4003/graphql' },
    sessions: { location: env['SESSIONS_URL'] ?? 'http://127.0.0.1:4004/graphql' },
  },
};
