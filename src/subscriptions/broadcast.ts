import type { Logger } from '../observability/log.js';
import type { Hints } from './hints.js';

/** What all processes are told about, beside the streams of orders. */
export type BroadcastChannel = 'users:blocked' | 'courses:changed';

const TRY_AGAIN_MS = 5_000;

/** Tells every process, this one too, about ids to which something has happened. Best effort, as all hints are. */
export class Broadcast {
  readonly #hints: Hints;
  readonly #channel: BroadcastChannel;
  readonly #onNews: (id: string) => void;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #stopped = false;

  constructor(hints: Hints, channel: BroadcastChannel, onNews: (id: string) => void, log: Logger) {
    this.#hints = hints;
    this.#channel = channel;
    this.#onNews = onNews;
    this.#log = log;
  }

  /** Listens; where the hints cannot be reached yet, it tries again until they can. */
  async start(): Promise<void> {
    try {
      this.#unsubscribe = await this.#hints.subscribe(this.#channel, ({ aggregateId }) => this.#onNews(aggregateId));
    } catch (error) {
      if (this.#stopped) return;
      this.#log.warn({ err: error, channel: this.#channel }, 'not heard of yet: tried again soon');
      this.#timer = setTimeout(() => void this.start(), TRY_AGAIN_MS);
    }
  }

  announce(ids: readonly string[]): void {
    for (const aggregateId of new Set(ids)) this.#hints.publish(this.#channel, { aggregateId, version: 0 });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#unsubscribe?.();
  }
}
