import { setTimeout as pause } from 'node:timers/promises';
import type { CallContext, ServerMiddlewareCall, TsProtoServiceDefinition } from 'nice-grpc';
import { ServerError, Status } from 'nice-grpc';

/** What a test does to a neighbour. Read at every call, so that it may change at any moment. */
export interface Faults {
  /** Waits so many milliseconds before the call is done. */
  delayMs?: number;
  /** Answers this gRPC status instead of doing the call. */
  status?: Status;
  /** Does the call, then answers UNAVAILABLE: the caller cannot know. */
  loseAnswer?: boolean;
  /** Does the call, then answers an empty message, or bytes that are no message. */
  garbage?: 'empty' | 'bytes';
  /** The names of the methods concerned, such as CreatePayment. Default: all. */
  methods?: readonly string[];
}

/** What a test sees and sets: `service.faults = { status: Status.UNAVAILABLE }`. */
export interface Faulty {
  faults: Faults;
  /** Calls received so far, by the method's name, such as GetCoursesByIds. */
  readonly calls: Map<string, number>;
}

// A length-delimited field 1 whose announced length is longer than the message.
const UNDECODABLE = Uint8Array.of(0x0a, 0xff, 0x01, 0x42);

function concerns(faults: Faults, method: string): boolean {
  return faults.methods === undefined || faults.methods.includes(method);
}

/** Middleware that counts calls and applies the faults which concern the time and the status of a call. */
export function faultMiddleware(service: Faulty) {
  return async function* applyFaults<Request, Response>(
    call: ServerMiddlewareCall<Request, Response>,
    context: CallContext,
  ) {
    const method = call.method.path.slice(call.method.path.lastIndexOf('/') + 1);
    service.calls.set(method, (service.calls.get(method) ?? 0) + 1);
    const faults = concerns(service.faults, method) ? service.faults : {};
    if (faults.delayMs) await pause(faults.delayMs, undefined, { signal: context.signal });
    if (faults.status) throw new ServerError(faults.status, 'fault set by a test');
    const response = yield* call.next(call.request, context);
    if (faults.loseAnswer) throw new ServerError(Status.UNAVAILABLE, 'answer lost, as set by a test');
    return response;
  };
}

/** The definition whose answers are nonsense while `garbage` is set. */
export function withGarbage<Definition extends TsProtoServiceDefinition>(
  definition: Definition,
  service: Faulty,
): Definition {
  const methods = Object.entries(definition.methods).map(([name, method]) => {
    const type = method.responseType;
    const encode = (message: unknown) => {
      const { faults } = service;
      if (!faults.garbage || !concerns(faults, method.name)) return type.encode(message);
      return { finish: () => (faults.garbage === 'empty' ? new Uint8Array() : UNDECODABLE) };
    };
    return [name, { ...method, responseType: { ...type, encode } }];
  });
  return { ...definition, methods: Object.fromEntries(methods) };
}
