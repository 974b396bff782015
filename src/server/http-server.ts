import type { ConnectionOptions } from 'node:tls';
import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import cors from '@fastify/cors';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import type { Config } from '../config.js';
import { readTraceparent, withinScope, type RequestScope } from '../observability/correlation.js';
import type { HealthMonitor } from '../observability/health.js';
import type { Logger } from '../observability/log.js';
import type { Metrics } from '../observability/metrics.js';
import type { Context } from '../schema/context.js';
import { createAdmit } from './admission.js';
import { createApollo } from './apollo.js';
import { correlationIdOf, type Carried, type ContextFactory } from './context-factory.js';
import { corsOrigins } from './cors.js';
import { createFormatError } from './error-format.js';
import { addRefusals, refuseMethod, refuseUnreadable, refuseUrl } from './http-refusals.js';
import { addOperations, startOperationsServer } from './operations.js';
import { answerInTime, startPatience, type Patience } from './patience.js';
import { createRateLimit } from './rate-limit.js';
import { secretMatches } from './router-secret.js';
import { nestingRefusal } from './text-nesting.js';
import { serveWebSocket } from './websocket-server.js';

export interface HttpServerOptions {
  readonly config: Config;
  readonly schema: GraphQLSchema;
  readonly contextOf: ContextFactory;
  readonly health: Pick<HealthMonitor, 'current'>;
  readonly metrics: Metrics;
  /** Whether an error means that the same may go well later. */
  readonly isPassing: (error: unknown) => boolean;
  /** Of a rediss:// URL, where the system's authorities do not do. */
  readonly redisTls?: ConnectionOptions | undefined;
  readonly log: Logger;
}

export interface HttpServer {
  readonly url: string;
  /** Where health and metrics are. */
  readonly operationsUrl: string;
  /** Tells callers with every answer to come back over another connection, which leads them to another replica. */
  leave(): void;
  /** Takes no new requests; resolves when those under way are answered. */
  stop(): Promise<void>;
}

/** Serves GraphQL over HTTP and WebSocket; health and metrics there too, unless they have a port of their own. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { config, schema, metrics, isPassing, redisTls, log } = options;
  const { RATE_LIMIT: perMinute, REDIS_URL: redisUrl, REQUEST_TIMEOUT_MS: requestTimeout } = config;
  const fastify = Fastify({
    ...connectionLimits(config),
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: refuseUrl,
  });
  const rateLimit = createRateLimit({ perMinute, redisUrl, redisTls, log });
  const admit = createAdmit(schema, config, rateLimit);
  const formatError = createFormatError({ isPassing, suggests: config.NODE_ENV !== 'production', log });
  const apollo = createApollo({ schema, config, metrics, admit, formatError, log }, fastify);
  await apollo.start();
  let leaving = false;
  fastify.addHook('onSend', async (_request, reply) => {
    if (leaving) void reply.header('connection', 'close');
  });
  addScopes(fastify, requestTimeout);
  addMetrics(fastify, metrics);
  addRefusals(fastify, log);
  if (config.OPS_PORT === undefined) addOperations(fastify, options);
  await addGraph(fastify, apollo, options);
  await fastify.ready();
  const webSocket = serveWebSocket(fastify.server, { ...options, admit, formatError });
  const { HTTP_HOST: host, HTTP_PORT: port, OPS_PORT: opsPort } = config;
  const url = await fastify.listen({ host, port });
  const operations = opsPort === undefined ? undefined : await startOperationsServer(host, opsPort, options);
  return {
    url,
    operationsUrl: operations?.url ?? url,
    leave: () => void (leaving = true),
    stop: async () => {
      await webSocket.close();
      await apollo.stop();
      await fastify.close();
      rateLimit.close();
      await operations?.stop();
    },
  };
}

/** How long a client may take to send its headers at most, ms. */
const MAX_HEADERS_MS = 10_000;
/** A connection on which nothing moves is closed so long after the time of its request would be up, ms. */
const IDLE_MS = 5_000;

/** What one client may send, how long it may take, and how long it may leave its answer unread. */
function connectionLimits({ BODY_LIMIT_KB, REQUEST_TIMEOUT_MS: requestTimeout }: Config) {
  return {
    bodyLimit: BODY_LIMIT_KB * 1_024,
    requestTimeout,
    connectionTimeout: requestTimeout + IDLE_MS,
    http: {
      headersTimeout: Math.min(MAX_HEADERS_MS, requestTimeout),
      // Node looks for slow requests only so often.
      connectionsCheckingInterval: Math.min(1_000, requestTimeout / 4),
    },
  };
}

async function addGraph(
  fastify: FastifyInstance,
  apollo: ApolloServer<Context>,
  { config, contextOf }: HttpServerOptions,
): Promise<void> {
  const origin = corsOrigins(config);
  if (origin.length > 0) await fastify.register(cors, { origin: [...origin], methods: ['GET', 'POST'], maxAge: 3_600 });
  const answer = fastifyApolloHandler(apollo, {
    context: (request: FastifyRequest) => contextOf(carriedBy(request), correlationIdOf(carriedBy(request))),
  });
  fastify.route({
    url: '/graphql',
    method: ['GET', 'POST', 'OPTIONS'],
    preHandler: async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      if (!secretMatches(config.ROUTER_SECRET, carriedBy(request))) {
        const errors = [{ message: 'Only the router may call this.', extensions: { code: 'FORBIDDEN' } }];
        return reply.code(403).send({ errors });
      }
      // Before Apollo Server parses it, which has no hook that may refuse a text.
      const refusal = nestingRefusal(textOf(request));
      const { code } = refusal?.extensions ?? {};
      return refusal && reply.code(400).send({ errors: [{ message: refusal.message, extensions: { code } }] });
    },
    handler: (request, reply) => {
      const work = () => answer.call(fastify, request, reply) as Promise<unknown>;
      // The body came in outside of the scope.
      return withinScope(request.scope, () => answerInTime(request.patience, work));
    },
  });
  // Before the body is read, whatever it is.
  fastify.route({
    url: '/graphql',
    method: ['PUT', 'PATCH', 'DELETE'],
    onRequest: refuseMethod,
    handler: refuseMethod,
  });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What is known about the request: everything it causes runs in this. */
    scope: RequestScope;
    patience: Patience;
  }
}

/** Gives every request its scope, which ends when its answer is sent, its time is up, or its caller hangs up. */
function addScopes(fastify: FastifyInstance, timeoutMs: number): void {
  fastify.decorateRequest('scope');
  fastify.decorateRequest('patience');
  fastify.addHook('onRequest', (request, reply, done) => {
    const carried = carriedBy(request);
    const correlationId = correlationIdOf(carried);
    request.headers['x-correlation-id'] = correlationId;
    void reply.header('x-correlation-id', correlationId);
    const patience = startPatience(timeoutMs);
    reply.raw.once('close', () => (reply.raw.writableFinished ? patience.end() : patience.leave()));
    request.patience = patience;
    request.scope = {
      correlationId,
      traceparent: readTraceparent(carried['traceparent']),
      callerGone: patience.stopWork,
    };
    withinScope(request.scope, done);
  });
}

function addMetrics(fastify: FastifyInstance, { httpSeconds }: Metrics): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    httpSeconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    done();
  });
}

/** The text of the operation, read as Apollo Server reads it; empty where there is none, as for a persisted one. */
function textOf({ method, body, raw }: FastifyRequest): string {
  const { url = '' } = raw;
  if (method === 'GET') return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('query') ?? '';
  const text = (body as { query?: unknown } | null)?.query;
  return typeof text === 'string' ? text : '';
}

function carriedBy({ headers }: FastifyRequest): Carried {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
