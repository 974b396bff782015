import { setTimeout as wait } from 'node:timers/promises';

/** Waits so many ms, or until the signal. */
export async function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  // An aborted pause is simply over.
  await wait(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
