import { Partitioners } from 'kafkajs';
import type { Producer, TopicMessages } from 'kafkajs';
import { MessageRefused } from './bus.js';
import type { BusMessage, Publisher } from './bus.js';
import { kafkaClient } from './kafka-client.js';
import type { KafkaSettings } from './kafka-client.js';
import { within } from './within.js';

const CLOSE_MS = 2_000;

interface Line {
  readonly producer: Producer;
  cut(): void;
}

/**
 * Sends one batch at a time. After any error or passed bound the producer is cut off and the next send makes a new one:
 * kafkajs rolls back its sequence numbers after a failure, and the broker takes the next messages for duplicates,
 * acknowledging what it never wrote. Connecting again does not help, a new producer does.
 */
export class KafkaPublisher implements Publisher {
  #line: Line | undefined;
  #pending: Promise<unknown> = Promise.resolve();
  #isSending = false;
  readonly #settings: KafkaSettings;

  constructor(settings: KafkaSettings) {
    this.#settings = settings;
  }

  async send(messages: readonly BusMessage[], timeoutMs: number): Promise<void> {
    if (messages.length === 0) return;
    if (this.#isSending) throw new Error('an earlier send of this publisher is pending');
    this.#isSending = true;
    try {
      this.#pending = this.#sendOn(messages, timeoutMs);
      await within(this.#pending, timeoutMs, `sending ${messages.length} messages to Kafka`);
    } catch (error) {
      this.#giveUp();
      throw refusalIn(error) ?? error;
    } finally {
      this.#isSending = false;
    }
  }

  async close(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    if (!line) return;
    try {
      await within(line.producer.disconnect(), CLOSE_MS, 'disconnecting a producer');
    } catch (error) {
      this.#settings.log.debug({ err: error }, 'a Kafka producer did not disconnect in time');
    } finally {
      line.cut();
    }
  }

  async #sendOn(messages: readonly BusMessage[], timeoutMs: number): Promise<void> {
    const { producer } = (this.#line ??= this.#newLine(timeoutMs));
    await producer.connect();
    await producer.sendBatch({ acks: -1, timeout: timeoutMs, topicMessages: byTopic(messages) });
  }

  #newLine(timeoutMs: number): Line {
    const { kafka, cut } = kafkaClient(this.#settings);
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      // Waits reach 1 s after a few tries: enough tries to fill the time, and an end to those of a line that was given up.
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: Math.ceil(timeoutMs / 500) + 5 },
    });
    return { producer, cut };
  }

  #giveUp(): void {
    this.#line?.cut();
    this.#line = undefined;
    this.#pending.catch((error: unknown) =>
      this.#settings.log.debug({ err: error }, 'a given up send to Kafka has ended'),
    );
  }
}

/** Answers of a broker that no later try will change. */
const NEVER = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'INVALID_RECORD',
]);

function refusalIn(error: unknown): MessageRefused | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { type } = cause as { type?: string };
    if (type && NEVER.has(type)) return new MessageRefused(type, { cause: error });
  }
  return undefined;
}

function byTopic(messages: readonly BusMessage[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { topic, key, value, headers } of messages) {
    const entry = topics.get(topic) ?? { topic, messages: [] };
    entry.messages.push({ key, value, headers: { ...headers } });
    topics.set(topic, entry);
  }
  return [...topics.values()];
}
