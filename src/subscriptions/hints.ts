/** Says that something about an aggregate has changed. It carries no data: what is true stands in the database. */
export interface Hint {
  readonly aggregateId: string;
  readonly version: number;
}

/**
 * Best-effort notes from the process that committed to the processes that stream.
 * A lost hint delays a stream until its next poll, never loses an event.
 * Implementations: Redis (redis-hints.ts) and one process's memory (memory-hints.ts).
 */
export interface Hints {
  /** Never rejects: a hint that cannot be sent is only logged. */
  publish(channel: string, hint: Hint): void;
  /**
   * Resolves once the subscription is active (acknowledged by Redis).
   * @returns a function that ends the subscription
   */
  subscribe(channel: string, onHint: (hint: Hint) => void): Promise<() => Promise<void>>;
  /** Called after every re-established connection, when hints may have been missed. Returns a function that unregisters. */
  onReconnect(listener: () => void): () => void;
  /** Rejects when hints cannot be carried now. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
