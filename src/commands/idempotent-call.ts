import { setTimeout as pause } from 'node:timers/promises';
import { IdempotencyConflict } from '../entities/refusals.js';
import { releaseRequest, remembered, type Remembered, type RequestKey } from '../persistence/idempotency.js';
import type { Environment } from './environment.js';
import { SingleFlight } from './single-flight.js';

const WAIT_MS = 5_000;
const LOOK_EVERY_MS = 50;
const ROUNDS = 4;

/** How a command with an idempotency key is performed. */
export interface PerformOnce<T> {
  /** Undefined without a key: then nothing is remembered. */
  readonly request: RequestKey | undefined;
  /** The answer of an earlier call, from what it made. */
  again(result: string): Promise<T>;
  /** The work itself; `again` when its transaction finds the key taken by a call that was first. */
  perform(): Promise<T | 'again'>;
  /** The answer when an earlier call does not end in time. */
  busy(): T;
}

/**
 * Performs a command once under its key: within this process one call after the other, over processes by the stored
 * claim. A duplicate waits up to 5 seconds for the first call's result.
 */
export function createPerformOnce(env: Environment): <T>(once: PerformOnce<T>) => Promise<T | IdempotencyConflict> {
  const inFlight = new SingleFlight();
  return (once) => {
    const { request } = once;
    if (!request) return performOnce(env, once);
    return inFlight.run(`${request.viewerId}\n${request.key}`, () => performOnce(env, once));
  };
}

async function performOnce<T>(env: Environment, once: PerformOnce<T>): Promise<T | IdempotencyConflict> {
  const { request } = once;
  for (let round = 1; round <= ROUNDS; round++) {
    const earlier = request && (await waitForEarlierCall(env, request));
    if (request && earlier?.is === 'other') return new IdempotencyConflict(request.key);
    if (earlier?.is === 'running') break;
    if (earlier?.is === 'done') return once.again(earlier.result);
    const outcome = await once.perform();
    if (outcome !== 'again') return outcome;
  }
  return once.busy();
}

/** What is known of a request; while another process works on it, waits for its result. */
async function waitForEarlierCall(env: Environment, request: RequestKey): Promise<Remembered> {
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const known = await remembered(env.fork, request, env.clock.now());
    if (known.is !== 'running' || performance.now() > until) return known;
    await pause(LOOK_EVERY_MS);
  }
}

/** Only successes are remembered: after a refusal the same key may be used again. */
export async function letGo(env: Environment, request: RequestKey): Promise<void> {
  await releaseRequest(env.fork(), request);
}
