import type { Server } from 'node:http';
import {
  execute,
  OperationTypeNode,
  subscribe,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Config } from '../config.js';
import {
  correlationId,
  currentScope,
  readTraceparent,
  withinScope,
  withinScopeOf,
  type RequestScope,
} from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import type { Context } from '../schema/context.js';
import type { Admit } from './admission.js';
import { correlationIdOf, type Carried, type ContextFactory } from './context-factory.js';
import type { OperationToRun } from './cost.js';
import { formatAll, formatResult, type FormatError } from './error-format.js';
import { answerInTime, startPatience } from './patience.js';
import { asErrors, createPrepare } from './prepare.js';
import { secretMatches } from './router-secret.js';
import { serveConnection, type ConnectionExtra } from './websocket-connection.js';

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
  readonly scope: RequestScope | undefined;
  readonly socket: WebSocket;
  readonly isMutation: boolean;
}

const INIT_WAIT_MS = 5_000;
const GOING_AWAY = 1001;

/** Subscriptions, queries and mutations over the graphql-ws protocol. The token comes in connection_init. */
export function serveWebSocket(server: Server, options: WebSocketOptions) {
  const maxPayload = options.config.BODY_LIMIT_KB * 1_024;
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload, handleProtocols, autoPong: false });
  const protocol = createProtocol(options);
  sockets.on('connection', (socket, request) => serveConnection(protocol, { socket, request }, options.log));
  return {
    close: async () => {
      for (const socket of sockets.clients) socket.close(GOING_AWAY, 'Going away');
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

function createProtocol({ config, schema, contextOf, admit, formatError }: WebSocketOptions) {
  const prepare = createPrepare(schema, config);
  // graphql-ws hands over the same payload with everything that belongs to one operation.
  const scopes = new WeakMap<object, RequestScope>();
  const within = <T>(payload: object, work: () => T): T => withinScopeOf({ scope: scopes.get(payload) }, work);
  const begin = async (operation: OperationToRun, carried: Carried, socket: WebSocket): Promise<SocketArgs> => {
    const contextValue = await contextOf(carried, correlationId() ?? correlationIdOf(carried));
    await admit(operation, contextValue);
    const { document, operation: node, variables: variableValues } = operation;
    const isMutation = node.operation === OperationTypeNode.MUTATION;
    const operationName = node.name?.value;
    const scope = currentScope();
    return { schema, document, operationName, variableValues, contextValue, scope, socket, isMutation };
  };
  return makeServer<Record<string, unknown> | undefined, ConnectionExtra>({
    connectionInitWaitTimeout: INIT_WAIT_MS,
    onConnect: ({ connectionParams, extra }) =>
      secretMatches(config.ROUTER_SECRET, carriedBy(extra.request.headers, connectionParams)),
    onSubscribe: async ({ connectionParams, extra }, _id, payload) => {
      const carried = carriedBy(extra.request.headers, connectionParams);
      scopes.set(payload, {
        correlationId: correlationIdOf(carried),
        traceparent: readTraceparent(carried['traceparent']),
      });
      return within(payload, async () => {
        try {
          const operation = prepare(payload);
          return 'document' in operation ? await begin(operation, carried, extra.socket) : operation;
        } catch (error) {
          return asErrors(error);
        }
      });
    },
    execute: (args) => executeInTime(args as SocketArgs, config.REQUEST_TIMEOUT_MS),
    subscribe: (args) => withinScopeOf(args as SocketArgs, () => subscribe(args)),
    onError: (_context, _id, payload, errors) => within(payload, () => formatAll(errors, formatError)),
    onNext: (_context, _id, payload, _args, result) => within(payload, () => formatResult(result, formatError)),
  });
}

/** A query or mutation, for as long as its caller is there and its time is not up. */
async function executeInTime(args: SocketArgs, timeoutMs: number): Promise<ExecutionResult> {
  const { socket, contextValue, isMutation } = args;
  const patience = startPatience(timeoutMs);
  if (isMutation) patience.letWorkEnd();
  const scope = { ...args.scope, correlationId: contextValue.correlationId, callerGone: patience.stopWork };
  socket.once('close', patience.leave);
  try {
    return await withinScope(scope, () => answerInTime(patience, () => execute(args)));
  } finally {
    socket.off('close', patience.leave);
    patience.end();
  }
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
