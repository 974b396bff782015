import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known about the request or message being worked on. */
export interface RequestScope {
  /** Joins everything that one cause leads to: logs, events, messages, calls to neighbours. */
  readonly correlationId: string;
  /** The caller's trace, as W3C Trace Context writes it. */
  readonly traceparent?: string | undefined;
  /** Aborted when the caller has gone: nobody waits for the answer any more. */
  readonly callerGone?: AbortSignal | undefined;
}

const storage = new AsyncLocalStorage<RequestScope>();

/** Runs `work` in a scope, for everything it causes. */
export function withinScope<T>(scope: RequestScope, work: () => T): T {
  return storage.run(scope, work);
}

/** Runs `work` in a scope of which only the correlation id is known. */
export function withCorrelationId<T>(correlationId: string, work: () => T): T {
  return withinScope({ correlationId }, work);
}

/** The id of the request or message being worked on. */
export function correlationId(): string | null {
  return storage.getStore()?.correlationId ?? null;
}

/** What is known about what is being worked on; undefined outside of everything. */
export function currentScope(): RequestScope | undefined {
  return storage.getStore();
}

/** The trace of the caller, to be handed on. */
export function traceparent(): string | undefined {
  return storage.getStore()?.traceparent;
}

/** Tells when the caller has gone; undefined where nobody waits, as for messages and sagas. */
export function callerGone(): AbortSignal | undefined {
  return storage.getStore()?.callerGone;
}

/** Runs `work` in a message's own scope where it has one: a batch is one work for many causes. */
export function withinScopeOf<T>({ scope }: { readonly scope?: RequestScope | undefined }, work: () => T): T {
  return scope ? withinScope(scope, work) : work();
}

/** Runs `work` that others wait for too: it does not end with the caller who happened to begin it. */
export function forEverybody<T>(work: () => T): T {
  const scope = storage.getStore();
  return scope ? storage.run({ ...scope, callerGone: undefined }, work) : work();
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A trace context worth handing on; anything else would only break the traces of others. */
export function readTraceparent(value: string | undefined): string | undefined {
  return value && TRACEPARENT.test(value) ? value : undefined;
}

const CORRELATION_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?$/;

/** A correlation id that is safe to log, store and hand on; undefined for anything else, and the caller makes its own. */
export function readCorrelationId(value: string | undefined): string | undefined {
  return value && CORRELATION_ID.test(value) ? value : undefined;
}
