import { setTimeout as pause } from 'node:timers/promises';

export interface Faults {
  /** Done again and again while the work goes on. */
  fault(number: number): Promise<void>;
  /** How often at most. */
  readonly times: number;
  /** Least and longest pause before each, ms. */
  readonly pauseMs: readonly [number, number];
}

/** Does faults at random moments of a work, until either ends. @returns the result, and how many faults fell into the work */
export async function meanwhile<T>(work: Promise<T>, faults: Faults): Promise<{ result: T; count: number }> {
  const { fault, times, pauseMs } = faults;
  const [least, longest] = pauseMs;
  let isDone = false;
  let count = 0;
  const end = () => void (isDone = true);
  work.then(end, end);
  const disturbing = async () => {
    while (!isDone && count < times) {
      // The moment is to be any: this is the fault, not a wait for something.
      await pause(least + Math.random() * (longest - least));
      if (isDone) break;
      count += 1;
      await fault(count);
    }
  };
  const [result] = await Promise.all([work, disturbing()]);
  return { result, count };
}
