import { setTimeout as pause } from 'node:timers/promises';
import DataLoader from 'dataloader';
import type { Clock } from '../observability/clock.js';
import type { Logger } from '../observability/log.js';
import { AggregateStream } from './aggregate-stream.js';
import { StreamEnd, type Change } from './change.js';
import { EventFeed } from './event-feed.js';
import { AggregateFollower, type Follower, type StreamViewer } from './follower.js';
import type { Hints } from './hints.js';
import { closable } from './mailbox.js';
import { OwnerFollower } from './owner-follower.js';
import { OwnerStream } from './owner-stream.js';
import { readAggregates, readOwners } from './read-events.js';
import { ViewerBlocked, type StreamGate } from './stream-gate.js';
import type { StreamAggregate, StreamEvent, StreamSource } from './stream-source.js';

/** What streams need beside their source. */
export interface StreamParts {
  readonly hints: Hints;
  /** The clock by which events are recorded. */
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts the open streams of all kinds. */
  readonly gate: StreamGate;
  /** Whether a user is blocked: a blocked user opens no stream. Without it no user is blocked. */
  readonly isBlocked?: (userId: string) => boolean;
}

/** Loads the present state of an aggregate; all that is asked for at one time is read together. */
export type LoadAggregate<A> = (id: string) => Promise<A>;

const CLOSE_MS = 2_000;
const LOOK_MS = 10;

/** Live streams of one kind of aggregate: subscribe to hints, read the table, follow. */
export class Streams<A extends StreamAggregate, E extends StreamEvent> {
  readonly #source: StreamSource<A, E>;
  readonly #hints: Hints;
  readonly #gate: StreamGate;
  readonly #isBlocked: (userId: string) => boolean;
  readonly #aggregates: EventFeed<AggregateFollower<E>>;
  readonly #owners: EventFeed<OwnerFollower<E>>;
  readonly #aggregateStream: AggregateStream<A, E>;
  readonly #ownerStream: OwnerStream<A, E>;
  #closing = false;

  constructor(source: StreamSource<A, E>, { hints, clock, log, gate, isBlocked = () => false }: StreamParts) {
    const { reads } = source;
    const load = loadTogether(source);
    this.#source = source;
    this.#hints = hints;
    this.#gate = gate;
    this.#isBlocked = isBlocked;
    this.#aggregates = new EventFeed(hints, (followers) => readAggregates(reads, followers), log);
    this.#owners = new EventFeed(hints, (followers) => readOwners(reads, clock, followers), log);
    this.#aggregateStream = new AggregateStream(source, this.#aggregates, load);
    this.#ownerStream = new OwnerStream(source, this.#owners, load, clock);
  }

  /** Number of open streams of this process. */
  get size(): number {
    return this.#aggregates.size + this.#owners.size;
  }

  /**
   * Follows an aggregate that the caller may see. Without `afterVersion` the present state comes first, then every event;
   * with it every event after that version. Versions are contiguous.
   * @param viewer whose stream it is; it ends with the token, or when the account is blocked
   * @throws TooManyStreams, ViewerBlocked
   */
  follow({ id }: A, afterVersion: number | null, viewer: StreamViewer): AsyncIterableIterator<Change<A, E>> {
    const follower = new AggregateFollower<E>(viewer, this.#channel(id), id);
    return this.#open(follower, this.#aggregateStream.run(follower, afterVersion));
  }

  /**
   * Follows all aggregates of the viewer: every event from now on. With `after` first a snapshot of each that changed
   * since that place in the stream; with an overlap, so that some may repeat.
   * @throws TooManyStreams, ViewerBlocked
   */
  followOwn(after: Date | null, viewer: StreamViewer): AsyncIterableIterator<Change<A, E>> {
    const channel = this.#channelOfOwner(viewer.userId);
    const follower = new OwnerFollower<E>(viewer, channel, (event) => this.#source.aggregateIdOf(event));
    return this.#open(follower, this.#ownerStream.run(follower, after));
  }

  /** Tells all processes that aggregates have changed. To be called after the commit. */
  announce(changed: readonly { id: string; ownerId: string; version: number }[]): void {
    for (const { id, ownerId, version } of changed) {
      const hint = { aggregateId: id, version };
      this.#hints.publish(this.#channel(id), hint);
      this.#hints.publish(this.#channelOfOwner(ownerId), hint);
    }
  }

  /** Ends the streams of a user with ACCOUNT_BLOCKED. */
  block(userId: string): void {
    this.#aggregates.block(userId);
    this.#owners.block(userId);
  }

  /** Ends all streams with SHUTDOWN. Resolves when all have ended, or after two seconds. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#aggregates.close();
    this.#owners.close();
    for (const until = Date.now() + CLOSE_MS; this.size > 0 && Date.now() < until;) await pause(LOOK_MS);
  }

  #open(follower: Follower<E>, messages: AsyncGenerator<Change<A, E>, void, void>) {
    if (this.#isBlocked(follower.viewer.userId)) throw new ViewerBlocked();
    const leave = this.#gate.enter(follower.viewer.userId);
    if (this.#closing) follower.stop(StreamEnd.SHUTDOWN);
    return closable(messages, () => follower.mailbox.close(), leave);
  }

  #channel(id: string): string {
    return `${this.#source.kind}:${id}`;
  }

  #channelOfOwner(ownerId: string): string {
    return `${this.#source.kind}s-of:${ownerId}`;
  }
}

/** Streams that were woken together read what they show together; nothing is kept, every message shows the present. */
function loadTogether<A extends StreamAggregate, E extends StreamEvent>(source: StreamSource<A, E>): LoadAggregate<A> {
  const loader = new DataLoader<string, A>(
    async (ids) => {
      const found = await source.load([...new Set(ids)]);
      return ids.map((id) => found.get(id) ?? new Error(`${source.kind} ${id} is gone`));
    },
    { cache: false },
  );
  return (id) => loader.load(id);
}
