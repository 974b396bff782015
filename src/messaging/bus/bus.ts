/**
 * The bus between services: topics of keyed messages, read by consumer groups from remembered offsets.
 * Two implementations pass one test suite: Kafka (kafka-bus.ts) and an append-only log in PostgreSQL (postgres-bus.ts).
 * Delivery is at least once; order holds within a key of a topic.
 */
export interface BusMessage {
  readonly topic: string;
  /** Messages with one key keep their order. */
  readonly key: string;
  /** UTF-8 JSON in practice; the bus does not look inside. */
  readonly value: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ReceivedMessage extends BusMessage {
  readonly partition: number;
  /** Decimal, grows within (topic, partition). */
  readonly offset: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Why `value` is not what was sent: its bytes are no text. Absent for nearly all messages. */
  readonly unreadable?: string;
}

/** The bus will never take one of the messages: too large, or a topic that it does not allow. Trying again is no use. */
export class MessageRefused extends Error {
  override name = 'MessageRefused';
}

export interface Publisher {
  /**
   * Resolves when every message is stored by the bus, rejects when that is unknown or did not happen within the time;
   * with MessageRefused when one of them never will be.
   * Never called while an earlier send of the same publisher is pending.
   * @param timeoutMs the longest time to wait for the acknowledgement
   */
  send(messages: readonly BusMessage[], timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface BatchContext {
  /** To be called between parts of long work, or the group takes the partition away. */
  heartbeat(): Promise<void>;
  /** Aborted when the consumption stops: return early, the batch is delivered again. */
  readonly signal: AbortSignal;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** At most this many messages a call. Default 100. */
  readonly maxBatch?: number;
  /**
   * Gets messages of ONE topic and partition in offset order. When it resolves, their offsets are committed;
   * when it rejects, the same messages are delivered again after a pause.
   */
  handle(batch: readonly ReceivedMessage[], context: BatchContext): Promise<void>;
  /** Called whenever the group has been joined: at the start, and after every rebalance. */
  readonly onJoined?: () => void;
}

export interface Consumption {
  /** False when the loop has died or has lost its group. */
  isRunning(): boolean;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
}

/** How far a group has read one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** The offset that the next message will get. */
  readonly end: bigint;
  /** The offset that the group reads next; what is before it has been handled. */
  readonly next: bigint;
}

export interface Bus {
  publisher(): Publisher;
  /** Measures a group on topics that exist. Rejects when the bus cannot be reached. */
  lag(group: string, topics: readonly string[]): Promise<readonly PartitionLag[]>;
  /** Starts at the earliest offset for a group that is new. Resolves when the group has been joined. */
  consume(options: ConsumeOptions): Promise<Consumption>;
  /** Creates the topics that do not exist yet. */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /** Rejects when the bus cannot be reached. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
