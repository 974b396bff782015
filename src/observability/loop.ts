import type { Logger } from './log.js';

/** A background loop: one round at a time, at once when woken, else after a pause. It survives errors of a round. */
export class Loop {
  readonly #name: string;
  readonly #pauseMs: number;
  readonly #round: () => Promise<boolean>;
  readonly #log: Logger;
  #running: Promise<void> | undefined;
  #stopping = false;
  #woken = false;
  #wakeUp: (() => void) | undefined;

  /**
   * @param pauseMs longest time between rounds
   * @param round returns true when there is more to do at once
   */
  constructor(name: string, pauseMs: number, round: () => Promise<boolean>, log: Logger) {
    this.#name = name;
    this.#pauseMs = pauseMs;
    this.#round = round;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the present pause. */
  wake(): void {
    this.#woken = true;
    this.#wakeUp?.();
  }

  isRunning(): boolean {
    return this.#running !== undefined && !this.#stopping;
  }

  /** Resolves when the round under way has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#woken = false;
      let more = false;
      try {
        more = await this.#round();
      } catch (error) {
        this.#log.error({ err: error, loop: this.#name }, 'a round failed');
      }
      if (!more) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    if (this.#woken || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(done, this.#pauseMs);
      this.#wakeUp = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}
