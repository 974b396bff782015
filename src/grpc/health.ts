import { ServerError, Status, type CallContext, type ServiceImplementation } from 'nice-grpc';
import type { HealthDefinition } from 'nice-grpc-server-health';
import type { HealthMonitor } from '../observability/health.js';
import { pauseUnless } from '../observability/pause.js';

/** Values of grpc.health.v1.HealthCheckResponse.ServingStatus. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
const LOOK_EVERY_MS = 1_000;

/**
 * The standard health service. Every question is answered by the same state as /ready, at once; the empty name means the server.
 * @param closing ends watches when the server stops
 */
export function createHealthService(
  health: Pick<HealthMonitor, 'current'>,
  services: readonly string[],
  closing: AbortSignal,
): ServiceImplementation<typeof HealthDefinition> {
  const statusOf = (service: string) => {
    if (service && !services.includes(service)) return SERVICE_UNKNOWN;
    return !closing.aborted && health.current().ready ? SERVING : NOT_SERVING;
  };
  return {
    async check({ service }) {
      const status = statusOf(service);
      if (status === SERVICE_UNKNOWN) throw new ServerError(Status.NOT_FOUND, `unknown service: ${service}`);
      return { status };
    },
    async *watch({ service }, { signal }: CallContext) {
      const over = AbortSignal.any([signal, closing]);
      for (let last: number | undefined; !over.aborted;) {
        const status = statusOf(service);
        if (status !== last) yield { status };
        last = status;
        await pauseUnless(over, LOOK_EVERY_MS);
      }
    },
  };
}
