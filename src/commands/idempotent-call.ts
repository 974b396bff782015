import { setTimeout as pause } from 'node:timers/promises';
import { releaseRequest, remembered, type Remembered, type RequestKey } from '../persistence/idempotency.js';
import type { Environment } from './environment.js';

const WAIT_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** What is known of a request; while another process works on it, waits for its result, up to 5 seconds. */
export async function waitForEarlierCall(env: Environment, request: RequestKey): Promise<Remembered> {
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
