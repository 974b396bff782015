import type { Server } from 'node:http';
import {
  execute,
  OperationTypeNode,
  subscribe,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Config } from '../config.js';
import { withCorrelationId, withinScope } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import type { Context } from '../schema/context.js';
import type { Admit } from './admission.js';
import { correlationIdOf, type Carried, type ContextFactory } from './context-factory.js';
import type { OperationToRun } from './cost.js';
import { formatAll, type FormatError } from './error-format.js';
import { answerInTime, startPatience } from './patience.js';
import { asErrors, createPrepare } from './prepare.js';
import { secretMatches } from './router-secret.js';

export interface WebSocketOptions {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly contextOf: ContextFactory;
  readonly admit: Admit;
  readonly formatError: FormatError;
  readonly log: Logger;
}

/** What an operation is executed with, and who waits for it. */
interface SocketArgs extends ExecutionArgs {
  readonly contextValue: Context;
  readonly socket: WebSocket;
  readonly isMutation: boolean;
}

const INIT_WAIT_MS = 5_000;

/** Subscriptions, queries and mutations over the graphql-ws protocol. The token comes in connection_init. */
export function serveWebSocket(server: Server, options: WebSocketOptions) {
  const { config, schema, contextOf, admit, formatError, log } = options;
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: config.BODY_LIMIT_KB * 1_024 });
  const prepare = createPrepare(schema, config);
  const begin = async (operation: OperationToRun, carried: Carried, socket: WebSocket): Promise<SocketArgs> => {
    const contextValue = await contextOf(carried, correlationIdOf(carried));
    await admit(operation, contextValue);
    const { document, operation: node, variables: variableValues } = operation;
    const isMutation = node.operation === OperationTypeNode.MUTATION;
    return { schema, document, operationName: node.name?.value, variableValues, contextValue, socket, isMutation };
  };
  const disposable = useServer(
    {
      connectionInitWaitTimeout: INIT_WAIT_MS,
      onConnect: ({ connectionParams, extra }) =>
        secretMatches(config.ROUTER_SECRET, carriedBy(extra.request.headers, connectionParams)),
      onSubscribe: async ({ connectionParams, extra }, _id, payload) => {
        try {
          const operation = prepare(payload);
          if (!('document' in operation)) return operation;
          return await begin(operation, carriedBy(extra.request.headers, connectionParams), extra.socket);
        } catch (error) {
          return asErrors(error);
        }
      },
      execute: (args) => executeInTime(args as SocketArgs, config.REQUEST_TIMEOUT_MS),
      subscribe: (args) => withCorrelationId((args as SocketArgs).contextValue.correlationId, () => subscribe(args)),
      onError: (_context, _id, _payload, errors) => formatAll(errors, formatError),
      onNext: (_context, _id, _payload, args, result) => formatted(result, args as SocketArgs, formatError),
    },
    sockets,
  );
  // After graphql-ws, which would write to the terminal what any client can cause.
  sockets.on('connection', (socket) => {
    socket.removeAllListeners('error').on('error', (error) => log.debug({ err: error }, 'a WebSocket failed'));
  });
  return { close: async () => disposable.dispose() };
}

/** A query or mutation, for as long as its caller is there and its time is not up. */
async function executeInTime(args: SocketArgs, timeoutMs: number): Promise<ExecutionResult> {
  const { socket, contextValue, isMutation } = args;
  const patience = startPatience(timeoutMs);
  if (isMutation) patience.letWorkEnd();
  const scope = { correlationId: contextValue.correlationId, callerGone: patience.stopWork };
  socket.once('close', patience.leave);
  try {
    return await withinScope(scope, () => answerInTime(patience, () => execute(args)));
  } finally {
    socket.off('close', patience.leave);
    patience.end();
  }
}

function formatted<R extends Pick<ExecutionResult, 'errors'>>(result: R, args: SocketArgs, format: FormatError): R {
  const { errors } = result;
  if (!errors) return result;
  return withCorrelationId(args.contextValue.correlationId, () => ({
    ...result,
    errors: formatAll(errors, format) as unknown as GraphQLError[],
  }));
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
