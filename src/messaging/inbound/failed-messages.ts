import type { ReceivedMessage } from '../bus/bus.js';

/** A partition of a topic. */
export type PartitionId = Pick<ReceivedMessage, 'topic' | 'partition'>;

/** What a process remembers of messages that failed, so that none is tried for ever. */
export class FailedMessages {
  /** Deliveries after which a message becomes a dead letter, whatever the error is. */
  static readonly MOST_TRIES = 5;

  readonly #tries = new Map<string, { readonly offset: string; readonly count: number }>();
  readonly #errors = new Map<string, unknown>();

  /** Counts a delivery of a message that failed alone. @returns how many there have been */
  countTry(message: ReceivedMessage): number {
    const key = keyOf(message);
    const before = this.#tries.get(key);
    const count = before?.offset === message.offset ? before.count + 1 : 1;
    this.#tries.set(key, { offset: message.offset, count });
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
