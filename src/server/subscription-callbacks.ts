import { HeaderMap, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server';
import { OperationTypeNode, type GraphQLSchema } from 'graphql';
import { currentScope, withinScope } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import type { Context } from '../schema/context.js';
import { CallbackCalls, PROTOCOL_HEADER } from './callback-calls.js';
import { badRequest, readCallbackRequest, type CallbackRequest } from './callback-request.js';
import { CallbackSubscription } from './callback-subscription.js';
import type { FormatError } from './error-format.js';

export interface SubscriptionCallbacksOptions {
  readonly schema: GraphQLSchema;
  /** Beginnings of URLs, such as http://router:4000/callback; none: all such requests are refused. */
  readonly allowed: readonly string[];
  /** How long a request may take, ms. */
  readonly requestTimeoutMs: number;
  readonly formatError: FormatError;
  readonly log: Logger;
}

type Request = GraphQLRequestContext<Context>;

/**
 * Subscriptions over HTTP callbacks (callback/1.0), for routers that keep no connection open: results are posted to the URL
 * that the request names. Only URLs that begin with an allowed one are called; otherwise a request could make this service
 * call anybody. docs/decisions/callbacks-served-here.md says why this is not Apollo's plugin.
 */
export class SubscriptionCallbacks {
  readonly #options: SubscriptionCallbacksOptions;
  readonly #accepted = new WeakMap<Request, CallbackRequest>();
  readonly #running = new Map<CallbackSubscription, Promise<void>>();

  constructor(options: SubscriptionCallbacksOptions) {
    this.#options = options;
  }

  /**
   * Checks a subscription that came by HTTP, which has to name a callback URL that answers. Does nothing for other operations.
   * @throws GraphQLError BAD_REQUEST
   */
  async accept(context: Request): Promise<void> {
    if (context.operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
    const request = readCallbackRequest(context.request.extensions, this.#options.allowed);
    if (!request) throw badRequest('Subscriptions are served over WebSocket or HTTP callbacks.');
    const outcome = await this.#callsTo(request).send({ action: 'check' });
    if (outcome !== 'delivered') throw badRequest('The callback URL did not accept the check.');
    this.#accepted.set(context, request);
  }

  /** Answers the requests that were accepted, begins their subscriptions, and ends them when the server stops. */
  plugin(): ApolloServerPlugin<Context> {
    return {
      requestDidStart: async () => ({
        responseForOperation: async (context) => {
          const request = this.#accepted.get(context);
          if (!request) return null;
          this.#begin(request, context);
          const headers = new HeaderMap([['content-type', 'application/json'], ...Object.entries(PROTOCOL_HEADER)]);
          return { http: { status: 200, headers }, body: { kind: 'single', singleResult: { data: null } } };
        },
      }),
      serverWillStart: async () => ({ drainServer: () => this.#stop() }),
    };
  }

  #begin(request: CallbackRequest, { document, operationName, request: { variables }, contextValue }: Request): void {
    const { schema, formatError, log } = this.#options;
    if (!document) throw new Error('a request without a document was accepted');
    const { heartbeatMs } = request;
    const subscription = new CallbackSubscription({ calls: this.#callsTo(request), heartbeatMs, formatError, log });
    const args = { schema, document, operationName, variableValues: variables, contextValue };
    // The subscription outlives the request, and with it the caller who waits for an answer.
    const scope = { ...currentScope(), correlationId: contextValue.correlationId, callerGone: undefined };
    const running = withinScope(scope, () => subscription.run(args))
      .catch((error: unknown) => log.error({ err: error }, 'a subscription failed unexpectedly'))
      .finally(() => this.#running.delete(subscription));
    this.#running.set(subscription, running);
  }

  #callsTo(request: CallbackRequest): CallbackCalls {
    const { requestTimeoutMs, log } = this.#options;
    return new CallbackCalls(request, requestTimeoutMs, log.child({ subscriptionId: request.id }));
  }

  async #stop(): Promise<void> {
    for (const subscription of this.#running.keys()) subscription.stop();
    await Promise.all(this.#running.values());
  }
}
