import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';
import { fastifyApolloDrainPlugin, fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Config } from '../config.js';
import { readTraceparent, withinScope } from '../observability/correlation.js';
import { checkHealth, type HealthCheck } from '../observability/health.js';
import type { Logger } from '../observability/log.js';
import type { Metrics } from '../observability/metrics.js';
import type { Context } from '../schema/context.js';
import { correlationIdOf, type Carried, type ContextFactory } from './context-factory.js';
import { createFormatError } from './error-format.js';
import { secretMatches } from './router-secret.js';
import { serveWebSocket } from './websocket-server.js';

export interface HttpServerOptions {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly contextOf: ContextFactory;
  readonly checks: readonly HealthCheck[];
  readonly metrics: Metrics;
  /** Whether an error means that the same may go well later. */
  readonly isPassing: (error: unknown) => boolean;
  readonly log: Logger;
}

export interface HttpServer {
  readonly url: string;
  /** Tells callers with every answer to come back over another connection, which leads them to another replica. */
  leave(): void;
  /** Takes no new requests; resolves when those under way are answered. */
  stop(): Promise<void>;
}

const BODY_LIMIT = 1024 * 1024;

/** Serves GraphQL over HTTP and WebSocket, health and metrics. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { config, log } = options;
  const fastify = Fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: 'idle' });
  const apollo = createApollo(options, fastify);
  await apollo.start();
  let leaving = false;
  fastify.addHook('onSend', async (_request, reply) => {
    if (leaving) void reply.header('connection', 'close');
  });
  addCorrelation(fastify);
  addMetrics(fastify, options.metrics);
  addOperations(fastify, options);
  fastify.route({
    url: '/graphql',
    method: ['GET', 'POST', 'OPTIONS'],
    preHandler: async (request, reply) => {
      if (secretMatches(config.ROUTER_SECRET, carriedBy(request))) return;
      const errors = [{ message: 'Only the router may call this.', extensions: { code: 'FORBIDDEN' } }];
      await reply.code(403).send({ errors });
    },
    handler: fastifyApolloHandler(apollo, {
      context: (request: FastifyRequest) => options.contextOf(carriedBy(request), correlationIdOf(carriedBy(request))),
    }),
  });
  await fastify.ready();
  const webSocket = serveWebSocket(fastify.server, {
    ...options,
    formatError: createFormatError(log, options.isPassing),
  });
  const url = await fastify.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  return {
    url,
    leave: () => void (leaving = true),
    stop: async () => {
      await webSocket.close();
      await apollo.stop();
      await fastify.close();
    },
  };
}

function createApollo(
  { schema, config, metrics, isPassing, log }: HttpServerOptions,
  fastify: FastifyInstance,
): ApolloServer<Context> {
  const production = config.NODE_ENV === 'production';
  return new ApolloServer<Context>({
    schema,
    introspection: !production,
    includeStacktraceInErrorResponses: false,
    // main.ts stops everything in its order.
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    formatError: createFormatError(log, isPassing),
    logger: log.child({ part: 'apollo' }),
    plugins: [
      fastifyApolloDrainPlugin(fastify),
      operationMetrics(metrics),
      ApolloServerPluginInlineTraceDisabled(),
      // Sandbox comes from Apollo's servers: it needs the internet, and has no place in production.
      production
        ? ApolloServerPluginLandingPageDisabled()
        : ApolloServerPluginLandingPageLocalDefault({ footer: false }),
    ],
  });
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

function addCorrelation(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const carried = carriedBy(request);
    const correlationId = correlationIdOf(carried);
    request.headers['x-correlation-id'] = correlationId;
    void reply.header('x-correlation-id', correlationId);
    withinScope({ correlationId, traceparent: readTraceparent(carried['traceparent']) }, done);
  });
}

function addMetrics(fastify: FastifyInstance, { httpSeconds, registry }: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    httpSeconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
  fastify.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

function addOperations(fastify: FastifyInstance, { checks }: HttpServerOptions): void {
  fastify.get('/healthz', () => ({ status: 'healthy' }));
  fastify.get('/ready', async (_request, reply) => {
    const { ready, parts } = await checkHealth(checks);
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'healthy' : 'unhealthy', ...parts });
  });
}

function carriedBy({ headers }: FastifyRequest): Carried {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
