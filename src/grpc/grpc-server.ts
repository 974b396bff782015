import { createServer, ServerError, Status, type CallContext, type ServerMiddlewareCall } from 'nice-grpc';
import { HealthDefinition, HealthServiceImpl } from 'nice-grpc-server-health';
import { v7 as uuidv7 } from 'uuid';
import { OrderServiceDefinition, type OrderServiceImplementation } from '../generated/order_service.js';
import { correlationId, withCorrelationId } from '../observability/correlation.js';
import type { Logger } from '../observability/log.js';
import type { Metrics } from '../observability/metrics.js';

export interface GrpcServer {
  readonly port: number;
  stop(): Promise<void>;
}

const MAX_MESSAGE = 10 * 1024 * 1024;

/** Serves the platform's OrderService and health. gzip requests are accepted. */
export async function startGrpcServer(
  address: { readonly host: string; readonly port: number },
  service: OrderServiceImplementation,
  metrics: Metrics,
  log: Logger,
): Promise<GrpcServer> {
  const server = createServer({ 'grpc.max_receive_message_length': MAX_MESSAGE })
    .use(correlate)
    .use(observe(metrics, log));
  server.add(OrderServiceDefinition, service);
  server.add(HealthDefinition, HealthServiceImpl());
  const port = await server.listen(`${address.host}:${address.port}`);
  return { port, stop: () => server.shutdown() };
}

async function* correlate<Request, Response>(call: ServerMiddlewareCall<Request, Response>, context: CallContext) {
  const id = context.metadata.get('x-correlation-id') ?? uuidv7();
  const work = call.next(call.request as never, context) as AsyncGenerator<Response, Response | undefined, undefined>;
  return yield* iterateWithin(id, work);
}

/** A generator resumes in the caller's context: each step is put back into its own. */
async function* iterateWithin<Response, Result>(
  id: string,
  work: AsyncGenerator<Response, Result, undefined>,
): AsyncGenerator<Response, Result, undefined> {
  for (;;) {
    const step = await withCorrelationId(id, () => work.next());
    if (step.done) return step.value;
    yield step.value;
  }
}

/** Times every call and hides what is unexpected behind INTERNAL and the correlation id. */
function observe({ grpcSeconds }: Metrics, log: Logger) {
  return async function* <Request, Response>(call: ServerMiddlewareCall<Request, Response>, context: CallContext) {
    const end = grpcSeconds.startTimer({ method: call.method.path });
    try {
      const result = yield* call.next(call.request as never, context);
      end({ status: 'OK' });
      return result;
    } catch (error) {
      if (error instanceof ServerError) {
        end({ status: Status[error.code] });
        throw error;
      }
      end({ status: 'INTERNAL' });
      log.error({ err: error, method: call.method.path }, 'a gRPC call failed unexpectedly');
      context.trailer.set('error_code', 'INTERNAL').set('reason', correlationId() ?? '');
      throw new ServerError(Status.INTERNAL, 'Something went wrong; the error was logged.');
    }
  };
}
