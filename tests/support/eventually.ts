import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface Limits {
  /** Longest wait, ms. Default 10,000. */
  readonly limitMs?: number;
  /** Pause between two looks, ms. Default 20. */
  readonly everyMs?: number;
}

/**
 * Looks at something again and again until it is as wished; a look that throws counts as "not yet".
 * @returns the value that fulfilled the condition
 * @throws Error after the limit, with the last value or error seen
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  isDone: (value: T) => boolean = Boolean,
  { limitMs = 10_000, everyMs = 20 }: Limits = {},
): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    let seen: string;
    let cause: unknown;
    try {
      const value = await look();
      if (isDone(value)) return value;
      seen = `last value: ${inspect(value, { depth: 4 })}`;
    } catch (error) {
      cause = error;
      seen = `last error: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > until) throw new Error(`not so after ${limitMs} ms; ${seen}`, { cause });
    await pause(everyMs);
  }
}
