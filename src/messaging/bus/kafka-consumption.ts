import { isUtf8 } from 'node:buffer';
// Node finds the error classes only in the default export of this CommonJS package.
import kafkajs from 'kafkajs';
import type { Consumer, EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import { pauseUnless } from '../../observability/pause.js';
import type { Consumption, ConsumeOptions, ReceivedMessage } from './bus.js';
import { kafkaClient } from './kafka-client.js';
import type { KafkaSettings } from './kafka-client.js';
import { whenReady } from './kafka-readiness.js';
import { within } from './within.js';

const JOIN_MS = 30_000;
const STOP_MS = 15_000;
const LEAST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const MAX_BATCH = 100;

/** One member of a consumer group, made anew after every crash until it is stopped. */
export class KafkaConsumption implements Consumption {
  #consumer: Consumer | undefined;
  #cut: () => void = () => undefined;
  #isJoined = false;
  #restarting: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  readonly #failures = new Map<string, number>();
  readonly #settings: KafkaSettings;
  readonly #options: ConsumeOptions;

  constructor(settings: KafkaSettings, options: ConsumeOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  isRunning(): boolean {
    return this.#isJoined && !this.#stopping.signal.aborted;
  }

  /** Joins the group, as soon as Kafka is ready. @throws Error when that failed or took longer than 30 s */
  async start(): Promise<void> {
    const what = `joining the consumer group ${this.#options.group}`;
    const { signal } = this.#stopping;
    const { log } = this.#settings;
    try {
      await within(
        whenReady(() => this.#joinAnew(), { what, signal, log }),
        JOIN_MS,
        what,
      );
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#isJoined = false;
    // Joining again is not waited for: without connections it fails at once.
    if (this.#restarting) this.#cut();
    await this.#restarting;
    await this.#disconnect();
  }

  async #joinAnew(): Promise<void> {
    await this.#disconnect();
    this.#stopping.signal.throwIfAborted();
    await this.#join();
  }

  async #join(): Promise<void> {
    const { kafka, cut } = kafkaClient(this.#settings);
    this.#cut = cut;
    const consumer = kafka.consumer({
      groupId: this.#options.group,
      // After a broker's restart the group waits so long for members that are gone; the least that brokers allow.
      sessionTimeout: 6_000,
      heartbeatInterval: 2_000,
      // disconnect() waits for the fetch under way.
      maxWaitTimeInMs: 200,
      allowAutoTopicCreation: false,
      // kafkajs restarts after some errors only, and may reject into nothing while doing so.
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5, restartOnFailure: async () => false },
    });
    this.#consumer = consumer;
    const joined = new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.GROUP_JOIN, () => {
        this.#isJoined = true;
        this.#options.onJoined?.();
        resolve();
      });
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        reject(payload.error);
        if (this.#isJoined) this.#restart(payload.error);
      });
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    // run() ends before the group is joined, and reports what goes wrong only as CRASH.
    await Promise.all([
      joined,
      consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (payload) => this.#take(payload) }),
    ]);
  }

  #restart(error: Error): void {
    this.#isJoined = false;
    if (this.#stopping.signal.aborted || this.#restarting) return;
    this.#settings.log.warn({ err: error, group: this.#options.group }, 'consumer crashed, starting it again');
    this.#restarting = this.#joinUntilJoined();
  }

  async #joinUntilJoined(): Promise<void> {
    for (let tries = 0; !this.#stopping.signal.aborted; tries++) {
      try {
        await this.#joinAnew();
        // It may have crashed since: then there is nothing to announce yet.
        if (!this.#isJoined) continue;
        this.#restarting = undefined;
        this.#settings.log.info({ group: this.#options.group }, 'consumer runs again');
        return;
      } catch (error) {
        this.#settings.log.warn(
          { err: error, group: this.#options.group, tries },
          'consumer cannot join its group yet',
        );
        await pauseUnless(this.#stopping.signal, pauseAfter(tries));
      }
    }
  }

  async #disconnect(): Promise<void> {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    if (!consumer) return;
    try {
      await within(consumer.disconnect(), STOP_MS, 'disconnecting a consumer');
    } catch (error) {
      this.#settings.log.warn(
        { err: error, group: this.#options.group },
        'a Kafka consumer did not disconnect cleanly',
      );
    }
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat } = payload;
    const size = this.#options.maxBatch ?? MAX_BATCH;
    for (let from = 0; from < batch.messages.length; from += size) {
      if (!payload.isRunning() || payload.isStale() || this.#stopping.signal.aborted) return;
      const messages = batch.messages.slice(from, from + size);
      if (!(await this.#handle(messages, payload))) return;
      payload.resolveOffset((messages.at(-1) as KafkaMessage).offset);
      await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
      await heartbeat();
    }
  }

  /** @returns false when the handler failed: the partition then pauses, and its messages are fetched again */
  async #handle(messages: readonly KafkaMessage[], payload: EachBatchPayload): Promise<boolean> {
    const { topic, partition } = payload.batch;
    const place = `${topic}/${partition}`;
    try {
      await this.#options.handle(
        messages.map((message) => received(topic, partition, message)),
        { heartbeat: payload.heartbeat, signal: this.#stopping.signal },
      );
      this.#failures.delete(place);
      return true;
    } catch (error) {
      // The group is being rebalanced, or the member was thrown out: kafkajs joins again.
      if (error instanceof kafkajs.KafkaJSError) throw error;
      if (this.#stopping.signal.aborted) return false;
      const failures = this.#failures.get(place) ?? 0;
      this.#failures.set(place, failures + 1);
      const details = { err: error, group: this.#options.group, topic, partition, offset: messages[0]?.offset };
      this.#settings.log.error(details, 'messages could not be handled, they are delivered again');
      setTimeout(payload.pause(), pauseAfter(failures)).unref();
      return false;
    }
  }
}

const pauseAfter = (failures: number): number => Math.min(LEAST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);

function received(topic: string, partition: number, message: KafkaMessage): ReceivedMessage {
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key?.toString() ?? '',
    value: message.value?.toString() ?? '',
    headers: textHeaders(message.headers ?? {}),
    // Decoded leniently, two different ids could become equal: what is not UTF-8 is marked.
    ...(message.value && !isUtf8(message.value) ? { unreadable: 'is not UTF-8' } : {}),
  };
}

/** Of a header that is there several times, the last counts. */
function textHeaders(headers: IHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value] as const,
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, value?.toString() ?? '']));
}
