import { setTimeout as pause } from 'node:timers/promises';
// Node finds the error classes only in the default export of this CommonJS package.
import kafkajs from 'kafkajs';
import type { Logger } from 'pino';

const LEAST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const LIMIT_MS = 20_000;

export interface ReadinessOptions {
  /** For the log. */
  readonly what: string;
  /** No new try begins after this time, ms. Default 20 s. */
  readonly limitMs?: number;
  /** Ends the tries, with an AbortError or the last error of Kafka. */
  readonly signal?: AbortSignal;
  readonly log: Logger;
}

/**
 * True for what brokers answer while they still find out who leads a partition or coordinates a group: shortly after a
 * start or after a topic was made. Such answers pass by themselves; kafkajs gives up too early at some of them.
 */
export function isNotReadyYet(error: unknown): boolean {
  if (error instanceof kafkajs.KafkaJSProtocolError) return error.retriable;
  if (error instanceof kafkajs.KafkaJSAggregateError) return error.errors.some(isNotReadyYet);
  if (!(error instanceof kafkajs.KafkaJSError)) return false;
  // Every broker was asked for the coordinator and none knew it; this class is not exported.
  return error.name === 'KafkaJSGroupCoordinatorNotFound' || isNotReadyYet(error.cause);
}

/**
 * Does something, again and again with growing pauses while Kafka is not ready for it.
 * @throws whatever `work` rejects with that means something else, or still means it after the limit
 */
export async function whenReady(work: () => Promise<void>, options: ReadinessOptions): Promise<void> {
  const { what, limitMs = LIMIT_MS, signal, log } = options;
  const until = performance.now() + limitMs;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isNotReadyYet(error) || signal?.aborted || performance.now() >= until) throw error;
      log.info({ reason: (error as Error).message, tries }, `${what}: Kafka is not ready yet, trying again`);
    }
    await pause(Math.min(LEAST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS), undefined, { signal });
  }
}
