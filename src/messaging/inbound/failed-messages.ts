import type { ReceivedMessage } from '../bus/bus.js';

/** A partition of a topic. */
export type PartitionId = Pick<ReceivedMessage, 'topic' | 'partition'>;

/** What a process remembers of messages that failed, so that none is tried for ever. */
export class FailedMessages {
  /** Deliveries after which a message becomes a dead letter, whatever the error is. */
  static readonly MOST_TRIES = 5;
  /**
   * The same for one that only loses against other transactions: some minutes. A conflict that lasts longer is a defect
   * that repeats itself.
   */
  static readonly MOST_CONFLICTS = 60;

  /** Deliveries by offset, of each partition; a partition that gets on forgets them. */
  readonly #tries = new Map<string, Map<string, number>>();
  readonly #errors = new Map<string, unknown>();

  /** Counts a delivery of a message that failed alone. @returns how many there have been */
  countTry(message: ReceivedMessage): number {
    const key = keyOf(message);
    const ofPartition = this.#tries.get(key) ?? new Map<string, number>();
    const count = (ofPartition.get(message.offset) ?? 0) + 1;
    this.#tries.set(key, ofPartition.set(message.offset, count));
    return count;
  }

  noteFailure(partition: PartitionId, error: unknown): void {
    this.#errors.set(keyOf(partition), error);
  }

  /** The partition goes on: what failed before is behind it. */
  noteSuccess(partition: PartitionId): void {
    this.#errors.delete(keyOf(partition));
    this.#tries.delete(keyOf(partition));
  }

  /** Why the newest batch of a partition failed; undefined after a success. */
  errorOf(partition: PartitionId): unknown {
    return this.#errors.get(keyOf(partition));
  }
}

const keyOf = ({ topic, partition }: PartitionId): string => `${topic}/${partition}`;
