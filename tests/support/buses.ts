import { randomBytes } from 'node:crypto';
import { describe } from '@jest/globals';
import pg from 'pg';
import type { Bus, BusMessage, ReceivedMessage } from '../../src/messaging/bus/bus.js';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import { createPostgresBus } from '../../src/messaging/bus/postgres-bus.js';
import { kafkaBrokers } from './kafka.js';
import { testLog } from './log.js';
import type { OrderStand } from './order-stand.js';

/** The buses of one test file: clients of the same messages. */
export interface TestBuses {
  open(): Bus;
  close(): Promise<void>;
}

/** Opens clients over the topics of a test file. */
export type OpenBuses = (stand: OrderStand) => TestBuses;

const PARTITIONS = 3;

/** A bus whose topics all begin with a prefix, so that files that share a broker do not read each other's messages. */
function prefixed(bus: Bus, prefix: string): Bus {
  const add = (message: BusMessage): BusMessage => ({ ...message, topic: prefix + message.topic });
  const strip = (message: ReceivedMessage) => ({ ...message, topic: message.topic.slice(prefix.length) });
  const all = (topics: readonly string[]) => topics.map((topic) => prefix + topic);
  return {
    publisher() {
      const publisher = bus.publisher();
      return { send: (messages, ms) => publisher.send(messages.map(add), ms), close: () => publisher.close() };
    },
    consume: ({ topics, handle, ...options }) =>
      bus.consume({
        ...options,
        topics: all(topics),
        handle: (batch, context) => handle(batch.map(strip), context),
      }),
    lag: async (group, topics) =>
      (await bus.lag(group, all(topics))).map((lag) => ({ ...lag, topic: lag.topic.slice(prefix.length) })),
    ensureTopics: (topics) => bus.ensureTopics(all(topics)),
    ping: () => bus.ping(),
    close: () => bus.close(),
  };
}

function postgresBuses(stand: OrderStand): TestBuses {
  const pool = new pg.Pool({ connectionString: stand.databaseUrl, max: 12 });
  const opened: Bus[] = [];
  return {
    open: () => {
      const bus = createPostgresBus({ pool, partitions: PARTITIONS, log: testLog(), pollMs: 20 });
      opened.push(bus);
      return bus;
    },
    close: async () => {
      await Promise.all(opened.map((bus) => bus.close()));
      await pool.end();
    },
  };
}

function kafkaBuses(): TestBuses {
  const prefix = `${randomBytes(4).toString('hex')}.`;
  const opened: Bus[] = [];
  return {
    open: () => {
      const brokers = kafkaBrokers() ?? [];
      const options = { brokers, clientId: 'orders-test', partitions: PARTITIONS, log: testLog() };
      const bus = prefixed(createKafkaBus(options), prefix);
      opened.push(bus);
      return bus;
    },
    close: async () => void (await Promise.all(opened.map((bus) => bus.close()))),
  };
}

/** The same tests on PostgreSQL, and on Kafka where there is one. */
export function onEachBus(what: string, tests: (openBuses: OpenBuses) => void): void {
  describe(`${what}, over the bus on PostgreSQL`, () => tests(postgresBuses));
  (kafkaBrokers() ? describe : describe.skip)(`${what}, over Kafka`, () => tests(kafkaBuses));
}
