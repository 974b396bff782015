import { setTimeout as pause } from 'node:timers/promises';

/** Something that is done again and again. */
export interface Operation {
  /** How many do it at once. */
  readonly callers: number;
  /** @returns what came of it, in one word or two */
  readonly call: () => Promise<string>;
}

/** What came of the calls of an operation. */
export interface Tally {
  readonly outcomes: Map<string, number>;
  /** How long each call took, ms. */
  readonly times: number[];
}

/** Rest of a caller between two calls: a load is wanted that a machine can bear, not as many calls as it can do. */
const REST_MS = 100;

/** Does all operations again and again until the work is over. A call that rejects ends everything. */
export async function underLoad<Name extends string>(
  operations: Readonly<Record<Name, Operation>>,
  work: () => Promise<unknown>,
): Promise<Record<Name, Tally>> {
  const over = new AbortController();
  const entries = Object.entries<Operation>(operations).map(([name, { callers, call }]) => {
    const tally: Tally = { outcomes: new Map(), times: [] };
    const calling = Array.from({ length: callers }, () => callUntil(over.signal, call, tally));
    return { name, tally, calling };
  });
  try {
    await Promise.race([work(), ...entries.flatMap(({ calling }) => calling)]);
  } finally {
    over.abort();
    await Promise.allSettled(entries.flatMap(({ calling }) => calling));
  }
  await Promise.all(entries.flatMap(({ calling }) => calling));
  return Object.fromEntries(entries.map(({ name, tally }) => [name, tally])) as Record<Name, Tally>;
}

async function callUntil(over: AbortSignal, call: () => Promise<string>, { outcomes, times }: Tally): Promise<void> {
  while (!over.aborted) {
    const began = performance.now();
    const outcome = await call();
    times.push(performance.now() - began);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    await pause(REST_MS);
  }
}

/** Median, 99th percentile and longest of some times, such as `3/12/40 ms`. */
export function spreadOf(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
  return `${at(0.5)}/${at(0.99)}/${at(1)} ms`;
}
