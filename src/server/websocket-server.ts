import type { Server } from 'node:http';
import { execute, subscribe, type ExecutionArgs, type GraphQLError, type GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Config } from '../config.js';
import { withCorrelationId } from '../observability/correlation.js';
import type { Context } from '../schema/context.js';
import { correlationIdOf, type Carried, type ContextFactory } from './context-factory.js';
import { formatAll, type createFormatError } from './error-format.js';
import { secretMatches } from './router-secret.js';

export interface WebSocketOptions {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly contextOf: ContextFactory;
  readonly formatError: ReturnType<typeof createFormatError>;
}

const MAX_MESSAGE = 256 * 1024;
const INIT_WAIT_MS = 5_000;

/** Subscriptions, queries and mutations over the graphql-ws protocol. The token comes in connection_init. */
export function serveWebSocket(server: Server, { config, schema, contextOf, formatError }: WebSocketOptions) {
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: MAX_MESSAGE });
  const disposable = useServer(
    {
      schema,
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: ({ connectionParams, extra }) =>
        secretMatches(config.ROUTER_SECRET, carriedBy(extra.request.headers, connectionParams)),
      context: ({ connectionParams, extra }) => {
        const carried = carriedBy(extra.request.headers, connectionParams);
        return contextOf(carried, correlationIdOf(carried));
      },
      execute: (args) => inContext(args, execute),
      subscribe: (args) => inContext(args, subscribe),
      onError: (_context, _id, _payload, errors) => formatAll(errors, formatError),
      onNext: (_context, _id, _payload, _args, result) =>
        result.errors
          ? { ...result, errors: formatAll(result.errors, formatError) as unknown as GraphQLError[] }
          : result,
    },
    sockets,
  );
  return { close: async () => disposable.dispose() };
}

/** Logs and events of an operation carry its correlation id. */
function inContext<T>(args: ExecutionArgs, operation: (args: ExecutionArgs) => T): T {
  const { correlationId } = args.contextValue as Context;
  return withCorrelationId(correlationId, () => operation(args));
}

/** Names in any case; connection_init counts more than the headers of the upgrade. */
function carriedBy(
  headers: NodeJS.Dict<string | string[]>,
  parameters: Readonly<Record<string, unknown>> | undefined,
): Carried {
  const all = { ...headers, ...parameters };
  const texts = Object.entries(all).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [],
  );
  return Object.fromEntries(texts);
}
