import { setTimeout as pause } from 'node:timers/promises';
import { TryAgain } from './errors.js';

const MOST_TRIES = 6;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Makes a call again while it fails with what will pass, each time later. A call that changes something must carry the same
 * idempotency key each time: make the key outside of `call`.
 * @throws what the last try failed with
 */
export async function withRetries<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      await pauseOrThrow(error, tries);
    }
  }
}

/**
 * Waits before the next try.
 * @param tries how many have failed, one after another
 * @throws the error itself, where another try makes no sense or there were enough
 */
export async function pauseOrThrow(error: unknown, tries: number): Promise<void> {
  if (!(error instanceof TryAgain) || tries >= MOST_TRIES) throw error;
  await pause(pauseMs(error.afterSeconds, tries));
}

function pauseMs(afterSeconds: number | null | undefined, tries: number): number {
  if (afterSeconds) return afterSeconds * 1000;
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  // Programs that failed together should not come back together.
  return longest * (0.5 + Math.random() / 2);
}
