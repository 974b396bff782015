import type { ServerCredentials } from '@grpc/grpc-js';
import {
  createServer,
  type ChannelOptions,
  ServerError,
  Status,
  type CallContext,
  type ServerMiddlewareCall,
} from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { ServerReflection, ServerReflectionService } from 'nice-grpc-server-reflection';
import { v7 as uuidv7 } from 'uuid';
import { ServiceUnavailable } from '../entities/refusals.js';
import descriptors from '../generated/descriptors.js';
import { OrderServiceDefinition, type OrderServiceImplementation } from '../generated/order_service.js';
import {
  correlationId,
  readCorrelationId,
  readTraceparent,
  withinScope,
  type RequestScope,
} from '../observability/correlation.js';
import type { HealthMonitor } from '../observability/health.js';
import type { Logger } from '../observability/log.js';
import type { Metrics } from '../observability/metrics.js';
import { limitConnections } from './connection-limit.js';
import type { GrpcLimits } from './grpc-limits.js';
import { createHealthService } from './health.js';
import { refusalOf } from './refusals.js';
import { limitRequests } from './request-limit.js';

export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly limits: GrpcLimits;
  /** False: clients may not ask which services and messages there are. */
  readonly reflects?: boolean;
  readonly credentials?: ServerCredentials;
  readonly service: OrderServiceImplementation;
  readonly health: Pick<HealthMonitor, 'current'>;
  readonly metrics: Metrics;
  /** Whether an error means that the same may go well later. */
  readonly isPassing: (error: unknown) => boolean;
  readonly log: Logger;
}

export interface GrpcServer {
  readonly port: number;
  /** Takes no new calls; those under way have ten seconds. */
  stop(): Promise<void>;
}

/** Of an answer: a page of orders. */
const MAX_ANSWER = 10 * 1024 * 1024;
const DRAIN_MS = 10_000;
/** How long calls may go on over a connection that has reached its age, ms. */
const AGE_GRACE_MS = 60_000;
const IDLE_MS = 10 * 60_000;

/** Serves the platform's OrderService and health; reflection where it is wanted. gzip requests are accepted. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const { host, port: wanted, service, health, limits, reflects = true } = options;
  const closing = new AbortController();
  const names = [OrderServiceDefinition.fullName];
  const server = createServer(channelOptions(limits)).use(scoped).use(observe(options));
  server.add(OrderServiceDefinition, service);
  server.add(HealthDefinition, createHealthService(health, names, closing.signal));
  if (reflects) server.add(ServerReflectionService, ServerReflection(Buffer.from(descriptors, 'base64'), names));
  const port = await server.listen(`${host}:${wanted}`, options.credentials);
  const { connections, requests, requestMs } = limits;
  const endLimits = [
    limitConnections(port, { most: connections, idleMs: requestMs }),
    limitRequests(port, { limitMs: requestMs, mostArriving: requests }),
  ];
  return {
    port,
    async stop() {
      closing.abort();
      const force = setTimeout(() => server.forceShutdown(), DRAIN_MS);
      await server.shutdown();
      clearTimeout(force);
      endLimits.forEach((end) => end());
    },
  };
}

/** Settings of the gRPC library. */
function channelOptions({ messageBytes, streams, connectionAgeMs }: GrpcLimits): ChannelOptions {
  return {
    'grpc.max_receive_message_length': messageBytes,
    'grpc.max_send_message_length': MAX_ANSWER,
    'grpc.max_concurrent_streams': streams,
    'grpc.max_connection_age_ms': connectionAgeMs,
    'grpc.max_connection_age_grace_ms': AGE_GRACE_MS,
    'grpc.max_connection_idle_ms': IDLE_MS,
  };
}

async function* scoped<Request, Response>(call: ServerMiddlewareCall<Request, Response>, context: CallContext) {
  const { metadata, signal } = context;
  const scope: RequestScope = {
    correlationId: readCorrelationId(metadata.get('x-correlation-id') ?? metadata.get('x-request-id')) ?? uuidv7(),
    traceparent: readTraceparent(metadata.get('traceparent')),
    callerGone: signal,
  };
  const work = call.next(call.request as never, context) as AsyncGenerator<Response, Response | undefined, undefined>;
  return yield* iterateWithin(scope, work);
}

/** A generator resumes in the caller's context: each step is put back into its own. */
async function* iterateWithin<Response, Result>(
  scope: RequestScope,
  work: AsyncGenerator<Response, Result, undefined>,
): AsyncGenerator<Response, Result, undefined> {
  for (;;) {
    const step = await withinScope(scope, () => work.next());
    if (step.done) return step.value;
    yield step.value;
  }
}

/** Times every call and hides what is unexpected behind INTERNAL and the correlation id. */
function observe(options: GrpcServerOptions) {
  return async function* <Request, Response>(call: ServerMiddlewareCall<Request, Response>, context: CallContext) {
    const end = options.metrics.grpcSeconds.startTimer({ method: call.method.path });
    try {
      const result = yield* call.next(call.request as never, context);
      end({ status: 'OK' });
      return result;
    } catch (error) {
      const shown = shownAs(error, call.method.path, context, options);
      end({ status: Status[shown.code] });
      throw shown;
    }
  };
}

function shownAs(
  error: unknown,
  method: string,
  context: CallContext,
  { isPassing, log }: GrpcServerOptions,
): ServerError {
  if (context.signal.aborted) return new ServerError(Status.CANCELLED, 'The caller has gone.');
  if (error instanceof ServerError) return error;
  if (isPassing(error)) {
    log.warn({ err: error, method }, 'a gRPC call cannot be answered now');
    return refusalOf(context, new ServiceUnavailable('order'));
  }
  log.error({ err: error, method }, 'a gRPC call failed unexpectedly');
  context.trailer.set('error_code', 'INTERNAL').set('reason', correlationId() ?? '');
  return new ServerError(Status.INTERNAL, 'Something went wrong; the error was logged.');
}
