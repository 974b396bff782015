import type { Logger } from '../observability/log.js';
import { StreamEnd } from './change.js';
import type { Follower } from './follower.js';
import type { Hints } from './hints.js';

/** When all open streams are read again, whatever the hints said, ms. */
const POLL_MS = 15_000;

/**
 * Feeds followers from a table of events: on each hint, after a reconnection and every 15 seconds everything newer is
 * read, batched over all streams of a tick. The table decides, so nothing is missed and nothing comes twice.
 */
export class EventFeed<F extends Follower<unknown>> {
  readonly #hints: Hints;
  readonly #read: (followers: readonly F[]) => Promise<void>;
  readonly #log: Logger;
  readonly #followers = new Map<string, Set<F>>();
  readonly #subscriptions = new Map<string, Promise<() => Promise<void>>>();
  readonly #due = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  readonly #unregister: () => void;
  #scheduled = false;

  /** @param read gives followers what is new to them, in one statement */
  constructor(hints: Hints, read: (followers: readonly F[]) => Promise<void>, log: Logger) {
    this.#hints = hints;
    this.#read = read;
    this.#log = log;
    this.#timer = setInterval(() => this.#readAll(), POLL_MS);
    this.#timer.unref();
    this.#unregister = hints.onReconnect(() => this.#readAll());
  }

  get size(): number {
    return [...this.#followers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Resolves when hints for the follower are being received: what is read from then on misses nothing. */
  async follow(follower: F): Promise<void> {
    const { channel } = follower;
    const others = this.#followers.get(channel);
    if (others) others.add(follower);
    else this.#followers.set(channel, new Set([follower]));
    if (!this.#subscriptions.has(channel)) this.#subscriptions.set(channel, this.#listen(channel));
    await this.#subscriptions.get(channel);
  }

  /** Without hints a stream still lives, by the regular reading. */
  async #listen(channel: string): Promise<() => Promise<void>> {
    try {
      return await this.#hints.subscribe(channel, () => this.readNow(channel));
    } catch (error) {
      this.#log.warn({ err: error, channel }, 'no hints for a live stream: it is read every 15 seconds');
      return async () => undefined;
    }
  }

  async unfollow(follower: F): Promise<void> {
    const { channel } = follower;
    const others = this.#followers.get(channel);
    if (!others?.delete(follower) || others.size > 0) return;
    this.#followers.delete(channel);
    const unsubscribe = this.#subscriptions.get(channel);
    this.#subscriptions.delete(channel);
    await (
      await unsubscribe
    )?.();
  }

  /** Reads what is newer for the followers of a channel with the next batch. */
  readNow(channel: string): void {
    this.#due.add(channel);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#readDue();
    });
  }

  /** Ends the streams of a viewer whose account was blocked. */
  block(viewerId: string): void {
    for (const follower of this.#all()) {
      if (follower.viewer.userId === viewerId) follower.stop(StreamEnd.ACCOUNT_BLOCKED);
    }
  }

  /** Reads nothing more and ends all streams. */
  close(): void {
    clearInterval(this.#timer);
    this.#unregister();
    for (const follower of this.#all()) follower.stop(StreamEnd.SHUTDOWN);
  }

  #all(): F[] {
    return [...this.#followers.values()].flatMap((followers) => [...followers]);
  }

  #readAll(): void {
    for (const channel of this.#followers.keys()) this.readNow(channel);
  }

  async #readDue(): Promise<void> {
    const followers = [...this.#due].flatMap((channel) => [...(this.#followers.get(channel) ?? [])]);
    this.#due.clear();
    if (followers.length === 0) return;
    try {
      await this.#read(followers);
    } catch (error) {
      this.#log.warn({ err: error }, 'events for live streams could not be read; the next poll reads them');
    }
  }
}
