import { Follower, type StreamViewer } from './follower.js';
import type { StreamEvent } from './stream-source.js';

/** An event may be seen so much later than its time, ms: transactions are limited to 30 s, and clocks differ. */
const OVERLAP_MS = 120_000;

/** The time from which events must be read that a reading at `at` may have missed. */
export const overlapBefore = (at: Date): Date => new Date(Math.max(0, at.getTime() - OVERLAP_MS));

/** A reader of all aggregates of the viewer: gets every event, by the time at which it was recorded. */
export class OwnerFollower<E extends StreamEvent> extends Follower<E> {
  readonly #idOf: (event: E) => string;
  /** Newest version that it had of each aggregate, and the newest time of its events. */
  readonly #had = new Map<string, { version: number; at: Date }>();
  #readAt: Date | null = null;

  constructor(viewer: StreamViewer, channel: string, idOf: (event: E) => string) {
    super(viewer, channel);
    this.#idOf = idOf;
  }

  /** The time from which events are still to be read; null before the start. */
  get since(): Date | null {
    return this.#readAt && overlapBefore(this.#readAt);
  }

  /** How many aggregates it keeps in mind. */
  get remembered(): number {
    return this.#had.size;
  }

  /** From now on it gets what it has not had of what was recorded since a time, with the overlap. */
  start(readAt: Date): void {
    this.#readAt = readAt;
  }

  /** It has had an aggregate up to a version. */
  has(id: string, version: number, at: Date): void {
    const before = this.#had.get(id);
    if (!before) return void this.#had.set(id, { version, at });
    before.version = Math.max(before.version, version);
    if (at > before.at) before.at = at;
  }

  /** Takes what it has not had of all events since `since`, as they were read at a time. */
  accept(events: readonly E[], readAt: Date): void {
    const { since } = this;
    if (!since) return;
    // What is older belongs to a reading that a later one has overtaken.
    const news = events.filter((event) => event.recordedAt >= since && !this.#hadBefore(event));
    for (const event of news) this.has(this.#idOf(event), event.version, event.recordedAt);
    this.mailbox.put(news);
    if (this.#readAt && readAt > this.#readAt) this.#readAt = readAt;
    this.#forget();
  }

  #hadBefore(event: E): boolean {
    return event.version <= (this.#had.get(this.#idOf(event))?.version ?? 0);
  }

  /** What is older than everything that is read again cannot come again. */
  #forget(): void {
    const { since } = this;
    for (const [id, { at }] of this.#had) if (since && at < since) this.#had.delete(id);
  }
}
