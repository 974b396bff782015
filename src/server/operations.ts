import Fastify, { type FastifyInstance } from 'fastify';
import type { HealthMonitor } from '../observability/health.js';
import type { Metrics } from '../observability/metrics.js';

export interface OperationsParts {
  readonly health: Pick<HealthMonitor, 'current'>;
  readonly metrics: Metrics;
}

/** What probes and Prometheus ask: `/healthz`, `/ready`, `/metrics`. */
export function addOperations(fastify: FastifyInstance, { health, metrics: { registry } }: OperationsParts): void {
  fastify.get('/healthz', () => ({ status: 'healthy' }));
  fastify.get('/ready', async (_request, reply) => {
    const { ready, status, parts, problems } = health.current();
    const explained = Object.keys(problems).length > 0 ? { problems } : {};
    return reply.code(ready ? 200 : 503).send({ status, ...parts, ...explained });
  });
  fastify.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

export interface OperationsServer {
  readonly url: string;
  stop(): Promise<void>;
}

const REQUEST_MS = 5_000;

/** Serves the same on a port of its own, which nobody outside of the platform needs to reach. */
export async function startOperationsServer(
  host: string,
  port: number,
  parts: OperationsParts,
): Promise<OperationsServer> {
  const fastify = Fastify({
    requestTimeout: REQUEST_MS,
    connectionTimeout: 2 * REQUEST_MS,
    bodyLimit: 1_024,
    forceCloseConnections: true,
    http: { headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1_000 },
  });
  // Nothing is served over an upgraded connection.
  fastify.server.on('upgrade', (_request, socket) => socket.destroy());
  addOperations(fastify, parts);
  const url = await fastify.listen({ host, port });
  return { url, stop: () => fastify.close() };
}
