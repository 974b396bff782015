import type { Logger } from 'pino';

export interface StackOfStops {
  /** @param what for the log, when it fails */
  push(what: string, stop: () => Promise<unknown>): void;
  /** Ends what was pushed, the last first. What fails to end is logged, the rest is ended all the same. */
  stopAll(log: Logger): Promise<void>;
}

export function stackOfStops(): StackOfStops {
  const stops: { what: string; stop: () => Promise<unknown> }[] = [];
  return {
    push: (what, stop) => void stops.push({ what, stop }),
    async stopAll(log) {
      for (let entry = stops.pop(); entry; entry = stops.pop()) {
        try {
          await entry.stop();
        } catch (error) {
          log.error({ err: error }, `${entry.what} did not stop cleanly`);
        }
      }
    },
  };
}
