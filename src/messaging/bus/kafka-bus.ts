import type { Admin } from 'kafkajs';
import type { Logger } from 'pino';
import type { Bus, PartitionLag } from './bus.js';
import { kafkaClient, type KafkaSecurity } from './kafka-client.js';
import { KafkaConsumption } from './kafka-consumption.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { whenReady } from './kafka-readiness.js';
import { within } from './within.js';

const PING_MS = 3_000;
const LAG_MS = 5_000;

export interface KafkaBusOptions {
  /** host:port of at least one broker. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Partitions of topics made by ensureTopics. */
  readonly partitions: number;
  readonly log: Logger;
  readonly security?: KafkaSecurity | undefined;
  /** False: ensureTopics only looks whether all exist. Default: true. */
  readonly createTopics?: boolean;
}

/** The bus on Apache Kafka. Topics that neither exist nor were ensured are not created by sending or consuming. */
export function createKafkaBus(options: KafkaBusOptions): Bus {
  const consumptions = new Set<KafkaConsumption>();
  const publishers = new Set<KafkaPublisher>();
  return {
    publisher() {
      const publisher = new KafkaPublisher(options);
      publishers.add(publisher);
      return publisher;
    },
    async consume(what) {
      const consumption = new KafkaConsumption(options, what);
      await consumption.start();
      consumptions.add(consumption);
      return consumption;
    },
    async lag(group, topics) {
      const lags: PartitionLag[] = [];
      const measure = asAdmin(options, async (admin) => void lags.push(...(await measureLag(admin, group, topics))));
      await within(measure, LAG_MS, 'measuring a consumer group');
      return lags;
    },
    ensureTopics(topics) {
      const ensure = options.createTopics === false ? expectAll : createMissing;
      const work = () => asAdmin(options, (admin) => ensure(admin, topics, options.partitions));
      return whenReady(work, { what: 'making topics', log: options.log });
    },
    ping: () => within(asAdmin(options, describe), PING_MS, 'asking Kafka for its brokers'),
    async close() {
      await Promise.all([...consumptions].map((consumption) => consumption.stop()));
      await Promise.all([...publishers].map((publisher) => publisher.close()));
    },
  };
}

async function asAdmin(options: KafkaBusOptions, work: (admin: Admin) => Promise<void>): Promise<void> {
  const { kafka, cut } = kafkaClient(options);
  const admin = kafka.admin();
  try {
    await admin.connect();
    await work(admin);
  } finally {
    cut();
  }
}

async function describe(admin: Admin): Promise<void> {
  const { brokers } = await admin.describeCluster();
  if (brokers.length === 0) throw new Error('the Kafka cluster has no living broker');
}

async function measureLag(admin: Admin, groupId: string, topics: readonly string[]): Promise<PartitionLag[]> {
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] });
  const lags: PartitionLag[] = [];
  for (const { topic, partitions } of committed) {
    const ends = new Map((await admin.fetchTopicOffsets(topic)).map((one) => [one.partition, one]));
    for (const { partition, offset } of partitions) {
      const { high = '0', low = '0' } = ends.get(partition) ?? {};
      // -1 where nothing was committed yet: the group begins at the earliest message.
      lags.push({ topic, partition, end: BigInt(high), next: BigInt(offset === '-1' ? low : offset) });
    }
  }
  return lags;
}

/** @throws Error naming the topics that do not exist */
async function expectAll(admin: Admin, topics: readonly string[]): Promise<void> {
  const present = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !present.has(topic));
  if (missing.length > 0) throw new Error(`these topics do not exist: ${missing.join(', ')}`);
}

async function createMissing(admin: Admin, topics: readonly string[], partitions: number): Promise<void> {
  const present = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !present.has(topic));
  if (missing.length > 0) {
    // Answers false when another process was faster, which serves as well.
    await admin.createTopics({ topics: missing.map((topic) => ({ topic, numPartitions: partitions })) });
  }
  // Rejects while the broker has not heard of one of them, or a partition has no leader.
  await admin.fetchTopicMetadata({ topics: [...topics] });
}
