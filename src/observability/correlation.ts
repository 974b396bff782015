import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** Runs `work` so that everything it causes carries the id: logs, events, messages, calls to neighbours. */
export function withCorrelationId<T>(id: string, work: () => T): T {
  return storage.run(id, work);
}

/** The id of the request or message being worked on. */
export function correlationId(): string | null {
  return storage.getStore() ?? null;
}
