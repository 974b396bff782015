/** What streams know of an aggregate, such as an order. */
export interface StreamAggregate {
  readonly id: string;
  /** Version of its newest event. */
  readonly version: number;
  readonly updatedAt: Date;
}

/** What streams know of an event; the versions of one aggregate are contiguous. */
export interface StreamEvent {
  readonly version: number;
  /** When it was written, by the database's clock. */
  readonly recordedAt: Date;
}

/** Events of which a stream reads everything that is newer than a version, or a time. */
export interface StreamReads<E> {
  /** By aggregate, oldest first. */
  eventsAfter(wanted: readonly { id: string; version: number }[]): Promise<ReadonlyMap<string, readonly E[]>>;
  /** By owner, oldest first; those of one aggregate in the order of its versions. */
  eventsSince(wanted: readonly { ownerId: string; since: Date }[]): Promise<ReadonlyMap<string, readonly E[]>>;
  /** The owner's aggregates with an event since a time: the newest version of each, the one that changed longest ago first. */
  changedSince(ownerId: string, since: Date): Promise<readonly { id: string; version: number; at: Date }[]>;
  /** The aggregate of an owner that changed last; null where there is none. */
  newestOf(ownerId: string): Promise<string | null>;
}

/** A kind of aggregate that can be followed live. */
export interface StreamSource<A extends StreamAggregate, E extends StreamEvent> {
  /** Names the channels of its hints. */
  readonly kind: 'order' | 'booking';
  readonly reads: StreamReads<E>;
  load(ids: readonly string[]): Promise<ReadonlyMap<string, A>>;
  aggregateIdOf(event: E): string;
  ownerOf(aggregate: A): string;
  /** Whether nothing more happens to it. */
  isComplete(aggregate: A): boolean;
  /** Whether it happened because the account of the owner was blocked. */
  tellsOfBlocking(event: E): boolean;
}
