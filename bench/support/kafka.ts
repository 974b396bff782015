import { startBroker } from '../../tests/support/kafka/broker.js';
import { prepareKafka } from '../../tests/support/kafka/jars.js';
import { testLog } from '../../tests/support/log.js';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import type { Bus } from '../../src/messaging/bus/bus.js';

export const kafkaSettings = 'Kafka 4.1.2, one broker on loopback, its own defaults for writing to disk';

const PARTITIONS = 3;

export interface BenchKafka {
  readonly bus: Bus;
  readonly brokers: string;
}

/** Runs `work` with a broker of its own, which is removed afterwards. @throws MissingService without Java and Maven */
export async function withKafka(work: (kafka: BenchKafka) => Promise<void>): Promise<void> {
  const broker = await startBroker(await prepareKafka());
  const { brokers } = broker;
  const bus = createKafkaBus({ brokers: [brokers], clientId: 'bench', partitions: PARTITIONS, log: testLog() });
  try {
    await work({ bus, brokers });
  } finally {
    await bus.close();
    await broker.stop();
  }
}
