import type { CallContext, ServerMiddlewareCall } from 'nice-grpc';
import { ServerError, Status } from 'nice-grpc';
import type { Log } from '../log.js';

/** Ends the call with a status that carries the platform's trailing metadata; `reason` as in COURSE_NOT_FOUND. */
export function statusError(context: CallContext, status: Status, reason: string, detail: string): ServerError {
  context.trailer.set('error_code', Status[status]);
  context.trailer.set('reason', reason);
  context.trailer.set('detail', detail);
  return new ServerError(status, detail);
}

/** Middleware: an error nobody has foreseen is logged and becomes INTERNAL, as the platform's filters do it. */
export function unexpectedErrorMiddleware(log: Log) {
  return async function* mapErrors<Request, Response>(
    call: ServerMiddlewareCall<Request, Response>,
    context: CallContext,
  ) {
    try {
      return yield* call.next(call.request, context);
    } catch (error) {
      if (error instanceof ServerError || context.signal.aborted) throw error;
      log({ level: 'error', message: 'neighbours: call failed', method: call.method.path, error: String(error) });
      throw statusError(context, Status.INTERNAL, 'INTERNAL_ERROR', (error as Error).message);
    }
  };
}
