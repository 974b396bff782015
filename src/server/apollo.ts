import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { fastifyApolloDrainPlugin } from '@as-integrations/fastify';
import type { FastifyInstance } from 'fastify';
import { OperationTypeNode, type GraphQLSchema } from 'graphql';
import type { Config } from '../config.js';
import type { Logger } from '../observability/log.js';
import type { Metrics } from '../observability/metrics.js';
import type { Context } from '../schema/context.js';
import type { Admit } from './admission.js';
import { compiledExecution } from './compiled-execution.js';
import { createDocumentStore, createTextStore } from './document-cache.js';
import type { FormatError } from './error-format.js';
import { maxFieldsRule } from './field-count.js';
import { letWorkEnd } from './patience.js';
import { unknownOperation } from './prepare.js';
import { SubscriptionCallbacks } from './subscription-callbacks.js';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly config: Config;
  readonly metrics: Metrics;
  readonly admit: Admit;
  readonly formatError: FormatError;
  readonly log: Logger;
}

/** GraphQL over HTTP. Persisted queries are kept in memory: who asks another replica is told to send the text again. */
export function createApollo(options: ApolloOptions, fastify: FastifyInstance): ApolloServer<Context> {
  const { schema, config, metrics, admit, formatError, log } = options;
  const callbacks = new SubscriptionCallbacks({
    schema,
    allowed: config.SUBSCRIPTION_CALLBACK_URLS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    formatError,
    log: log.child({ part: 'callbacks' }),
  });
  const production = config.NODE_ENV === 'production';
  return new ApolloServer<Context>({
    gateway: compiledExecution(schema),
    introspection: !production,
    includeStacktraceInErrorResponses: false,
    // main.ts stops everything in its order.
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    parseOptions: { maxTokens: config.GRAPH_MAX_TOKENS },
    validationRules: [maxFieldsRule(config.GRAPH_MAX_FIELDS)],
    documentStore: createDocumentStore(),
    persistedQueries: { cache: createTextStore() },
    formatError,
    logger: log.child({ part: 'apollo' }),
    plugins: [
      fastifyApolloDrainPlugin(fastify),
      admission(admit, callbacks),
      callbacks.plugin(),
      operationMetrics(metrics),
      ApolloServerPluginInlineTraceDisabled(),
      // It would look at every field of every answer, to say what http-server.ts says of all of them: not to be stored.
      ApolloServerPluginCacheControlDisabled(),
      // Sandbox comes from Apollo's servers: it needs the internet, and has no place in production.
      production
        ? ApolloServerPluginLandingPageDisabled()
        : ApolloServerPluginLandingPageLocalDefault({ footer: false }),
    ],
  });
}

function admission(admit: Admit, callbacks: SubscriptionCallbacks): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async (requestContext) => {
        const { document, operation, request, contextValue } = requestContext;
        if (!operation) throw unknownOperation();
        if (operation.operation === OperationTypeNode.MUTATION) letWorkEnd();
        await admit({ document, operation, variables: request.variables ?? {} }, contextValue);
        await callbacks.accept(requestContext);
      },
    }),
  };
}

/** Times operations by name kind, not by client-chosen text, so that metrics stay few. */
function operationMetrics({ operationSeconds }: Metrics): ApolloServerPlugin<Context> {
  return {
    requestDidStart: async () => {
      const end = operationSeconds.startTimer();
      return {
        willSendResponse: async ({ operation, response }) => {
          const failed = response.body.kind === 'single' && response.body.singleResult.errors;
          end({ operation: operation?.operation ?? 'none', outcome: failed ? 'errors' : 'ok' });
        },
      };
    },
  };
}
