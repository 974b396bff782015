import type { OrderEvent } from '../entities/order-event.js';
import type { Logger } from '../observability/log.js';
import type { Hints } from './hints.js';
import { Mailbox } from './mailbox.js';

/** Reads events of each order after a version, oldest first, in one statement. */
export type ReadEventsAfter = (
  wanted: readonly { orderId: string; version: number }[],
) => Promise<ReadonlyMap<string, readonly OrderEvent[]>>;

/** Longest queue of one reader. */
const MAILBOX_LIMIT = 1_000;
/** When all open streams are read again, whatever the hints said, ms. */
const POLL_MS = 15_000;

/** One reader of one order. */
export class Follower {
  readonly mailbox = new Mailbox<OrderEvent>(MAILBOX_LIMIT);
  /** The viewer's account was blocked while the stream was open. */
  isBlocked = false;

  constructor(
    readonly viewerId: string,
    readonly orderId: string,
    /** The newest version that was put into the mailbox. */
    public version: number,
  ) {}
}

export const channelOf = (orderId: string): string => `order:${orderId}`;

/**
 * Feeds followers from the event table: on each hint, after a reconnection and every 15 seconds everything newer is read,
 * batched over all streams of a tick. The table decides, so nothing is missed and nothing comes twice.
 */
export class OrderFeed {
  readonly #hints: Hints;
  readonly #read: ReadEventsAfter;
  readonly #log: Logger;
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #channels = new Map<string, Promise<() => Promise<void>>>();
  readonly #due = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  readonly #unregister: () => void;
  #scheduled = false;

  constructor(hints: Hints, read: ReadEventsAfter, log: Logger) {
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

  /** Resolves when hints about the order are being received: what is read from then on misses nothing. */
  async follow(follower: Follower): Promise<void> {
    const { orderId } = follower;
    const others = this.#followers.get(orderId);
    if (others) others.add(follower);
    else this.#followers.set(orderId, new Set([follower]));
    if (!this.#channels.has(orderId)) {
      this.#channels.set(orderId, this.#listen(orderId));
    }
    await this.#channels.get(orderId);
  }

  /** Without hints a stream still lives, by the regular reading. */
  async #listen(orderId: string): Promise<() => Promise<void>> {
    try {
      return await this.#hints.subscribe(channelOf(orderId), () => this.readNow(orderId));
    } catch (error) {
      this.#log.warn({ err: error, orderId }, 'no hints for a live stream: it is read every 15 seconds');
      return async () => undefined;
    }
  }

  async unfollow(follower: Follower): Promise<void> {
    const { orderId } = follower;
    const others = this.#followers.get(orderId);
    if (!others?.delete(follower) || others.size > 0) return;
    this.#followers.delete(orderId);
    const unsubscribe = this.#channels.get(orderId);
    this.#channels.delete(orderId);
    await (
      await unsubscribe
    )?.();
  }

  /** Reads an order's newer events with the next batch. */
  readNow(orderId: string): void {
    this.#due.add(orderId);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#readDue();
    });
  }

  /** Ends the streams of a viewer whose account was blocked. */
  block(viewerId: string): void {
    const all = [...this.#followers.values()].flatMap((followers) => [...followers]);
    for (const follower of all.filter((one) => one.viewerId === viewerId)) {
      follower.isBlocked = true;
      follower.mailbox.close();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unregister();
    for (const followers of this.#followers.values()) for (const { mailbox } of followers) mailbox.close();
  }

  #readAll(): void {
    for (const orderId of this.#followers.keys()) this.readNow(orderId);
  }

  async #readDue(): Promise<void> {
    const followers = [...this.#due].flatMap((orderId) => [...(this.#followers.get(orderId) ?? [])]);
    this.#due.clear();
    const oldest = new Map<string, number>();
    for (const { orderId, version } of followers)
      oldest.set(orderId, Math.min(version, oldest.get(orderId) ?? version));
    if (oldest.size === 0) return;
    try {
      const events = await this.#read([...oldest].map(([orderId, version]) => ({ orderId, version })));
      for (const follower of followers) deliver(follower, events.get(follower.orderId) ?? []);
    } catch (error) {
      this.#log.warn({ err: error }, 'events for live streams could not be read; the next poll reads them');
    }
  }
}

function deliver(follower: Follower, events: readonly OrderEvent[]): void {
  const news = events.filter(({ version }) => version > follower.version);
  const newest = news.at(-1);
  if (!newest) return;
  follower.version = newest.version;
  follower.mailbox.put(news);
}
