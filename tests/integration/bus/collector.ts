import type { Bus, Consumption, ReceivedMessage } from '../../../src/messaging/bus/bus.js';

/** A consumer that keeps what it gets. */
export interface Collector {
  readonly received: ReceivedMessage[];
  readonly consumption: Consumption;
}

export interface CollectOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly maxBatch?: number;
  /** Runs before a batch is kept; when it rejects, nothing is. */
  before?(batch: readonly ReceivedMessage[], signal: AbortSignal): Promise<void>;
}

export async function collect(bus: Bus, { before, ...options }: CollectOptions): Promise<Collector> {
  const received: ReceivedMessage[] = [];
  const consumption = await bus.consume({
    ...options,
    handle: async (batch, { heartbeat, signal }) => {
      await before?.(batch, signal);
      await heartbeat();
      received.push(...batch);
    },
  });
  return { received, consumption };
}

/** Values by key, in the order of arrival. */
export function byKey(messages: readonly ReceivedMessage[]): Record<string, string[]> {
  const keys: Record<string, string[]> = {};
  for (const { key, value } of messages) (keys[key] ??= []).push(value);
  return keys;
}
