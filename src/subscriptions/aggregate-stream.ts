import { StreamEnd, type Change } from './change.js';
import type { EventFeed } from './event-feed.js';
import { liveMessages, type AggregateFollower } from './follower.js';
import type { StreamAggregate, StreamEvent, StreamSource } from './stream-source.js';
import type { LoadAggregate } from './streams.js';

/** The messages of a stream of one aggregate. */
export class AggregateStream<A extends StreamAggregate, E extends StreamEvent> {
  readonly #source: StreamSource<A, E>;
  readonly #feed: EventFeed<AggregateFollower<E>>;
  readonly #load: LoadAggregate<A>;

  constructor(source: StreamSource<A, E>, feed: EventFeed<AggregateFollower<E>>, load: LoadAggregate<A>) {
    this.#source = source;
    this.#feed = feed;
    this.#load = load;
  }

  /** The present state unless a version is given, then every event, to the end of the stream. */
  async *run(follower: AggregateFollower<E>, afterVersion: number | null): AsyncGenerator<Change<A, E>, void, void> {
    try {
      await this.#feed.follow(follower);
      const aggregate = await this.#load(follower.aggregateId);
      const ends = this.#endOf(aggregate);
      if (afterVersion === null || (ends && afterVersion >= aggregate.version)) {
        yield snapshot(aggregate, ends);
        if (ends) return;
      }
      follower.start(afterVersion ?? aggregate.version);
      this.#feed.readNow(follower.channel);
      yield* liveMessages(
        follower,
        (events) => this.#messages(follower, events),
        async (end) => snapshot(await this.#load(follower.aggregateId), end),
      );
    } finally {
      await this.#feed.unfollow(follower);
    }
  }

  async #messages(follower: AggregateFollower<E>, events: readonly E[]): Promise<Change<A, E>[]> {
    const aggregate = await this.#load(follower.aggregateId);
    const newest = events.at(-1);
    const complete = newest?.version === aggregate.version ? this.#endOf(aggregate) : null;
    const isOwn = follower.viewer.userId === this.#source.ownerOf(aggregate);
    return events.map((event) => {
      // Ends the owner's stream also where the news of the blocked account were lost.
      const blocked = isOwn && this.#source.tellsOfBlocking(event) ? StreamEnd.ACCOUNT_BLOCKED : null;
      return { aggregate, event, ends: blocked ?? (event === newest ? complete : null), at: event.recordedAt };
    });
  }

  #endOf(aggregate: A): StreamEnd | null {
    return this.#source.isComplete(aggregate) ? StreamEnd.COMPLETE : null;
  }
}

function snapshot<A extends StreamAggregate>(aggregate: A, ends: StreamEnd | null): Change<A, never> {
  return { aggregate, event: null, ends, at: aggregate.updatedAt };
}
