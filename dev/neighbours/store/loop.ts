import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.js';

export interface LoopOptions {
  /** Named in the log when a round fails. */
  readonly name: string;
  /** One round; answers whether there is more to do at once. */
  readonly round: () => Promise<boolean>;
  /** Time between rounds when there is no more, ms. */
  readonly idleMs: number;
  readonly log: Log;
}

export interface Loop {
  /** Starts the next round now. */
  readonly wake: () => void;
  /** Ends after the round under way. */
  readonly stop: () => Promise<void>;
}

/** Runs rounds until it is stopped. A failed round is logged and tried again after `idleMs`. */
export function startLoop({ name, round, idleMs, log }: LoopOptions): Loop {
  const state = { stopping: false, nap: new AbortController() };

  const run = async (): Promise<void> => {
    while (!state.stopping) {
      // Made before the round, so that a wake during the round is not slept over.
      state.nap = new AbortController();
      if (!(await tried(round, name, log))) await nap(idleMs, state.nap.signal);
    }
  };
  const wake = () => {
    state.nap.abort();
  };
  const running = run();
  const stop = async () => {
    state.stopping = true;
    wake();
    await running;
  };
  return { wake, stop };
}

async function tried(round: () => Promise<boolean>, name: string, log: Log): Promise<boolean> {
  try {
    return await round();
  } catch (error) {
    log({ level: 'warn', message: `neighbours: ${name} failed, will be tried again`, error: String(error) });
    return false;
  }
}

async function nap(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
