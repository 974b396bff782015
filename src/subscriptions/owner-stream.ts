import type { Clock } from '../observability/clock.js';
import { StreamEnd, type Change } from './change.js';
import type { EventFeed } from './event-feed.js';
import { liveMessages } from './follower.js';
import { overlapBefore, type OwnerFollower } from './owner-follower.js';
import type { StreamAggregate, StreamEvent, StreamSource } from './stream-source.js';
import type { LoadAggregate } from './streams.js';

/** How many snapshots are read together. */
const SNAPSHOTS = 100;

interface Changed {
  readonly id: string;
  readonly version: number;
  readonly at: Date;
}

type Messages<A, E> = AsyncGenerator<Change<A, E>, void, void>;

/** The messages of a stream of everything that its viewer owns. */
export class OwnerStream<A extends StreamAggregate, E extends StreamEvent> {
  readonly #source: StreamSource<A, E>;
  readonly #feed: EventFeed<OwnerFollower<E>>;
  readonly #load: LoadAggregate<A>;
  readonly #clock: Clock;

  constructor(source: StreamSource<A, E>, feed: EventFeed<OwnerFollower<E>>, load: LoadAggregate<A>, clock: Clock) {
    this.#source = source;
    this.#feed = feed;
    this.#load = load;
    this.#clock = clock;
  }

  /** Snapshots of what changed since a place, if one is given, then every event, to the end of the stream. */
  async *run(follower: OwnerFollower<E>, after: Date | null): Messages<A, E> {
    try {
      await this.#feed.follow(follower);
      const readAt = this.#clock.now();
      const start = after && after < readAt ? after : readAt;
      const changed = await this.#source.reads.changedSince(follower.viewer.userId, overlapBefore(start));
      const place = { at: start };
      if (after) yield* this.#snapshots(follower, changed, place);
      else for (const { id, version, at } of changed) follower.has(id, version, at);
      follower.start(readAt);
      this.#feed.readNow(follower.channel);
      yield* liveMessages(
        follower,
        (events) => this.#messages(events, place),
        (ends) => this.#lastMessage(follower, ends, place),
      );
    } finally {
      await this.#feed.unfollow(follower);
    }
  }

  async *#snapshots(follower: OwnerFollower<E>, changed: readonly Changed[], place: { at: Date }): Messages<A, E> {
    for (let first = 0; first < changed.length; first += SNAPSHOTS) {
      const part = changed.slice(first, first + SNAPSHOTS);
      const aggregates = await Promise.all(part.map(({ id }) => this.#load(id)));
      for (const [i, { at }] of part.entries()) {
        const aggregate = aggregates[i] as A;
        if (follower.mustEnd) return;
        follower.has(aggregate.id, aggregate.version, at > aggregate.updatedAt ? at : aggregate.updatedAt);
        // Not the time of its newest state: whoever leaves now resumes with those that come after it.
        place.at = at;
        yield { aggregate, event: null, ends: null, at };
      }
    }
  }

  async #messages(events: readonly E[], place: { at: Date }): Promise<Change<A, E>[]> {
    const ids = [...new Set(events.map((event) => this.#source.aggregateIdOf(event)))];
    const aggregates = new Map((await Promise.all(ids.map(this.#load))).map((aggregate) => [aggregate.id, aggregate]));
    return events.map((event) => {
      const aggregate = aggregates.get(this.#source.aggregateIdOf(event)) as A;
      place.at = event.recordedAt;
      const ends = this.#source.tellsOfBlocking(event) ? StreamEnd.ACCOUNT_BLOCKED : null;
      return { aggregate, event, ends, at: event.recordedAt };
    });
  }

  /** Shows what changed last, at the place up to which everything was delivered. */
  async #lastMessage(follower: OwnerFollower<E>, ends: StreamEnd, place: { at: Date }): Promise<Change<A, E> | null> {
    const id = await this.#source.reads.newestOf(follower.viewer.userId);
    return id === null ? null : { aggregate: await this.#load(id), event: null, ends, at: place.at };
  }
}
