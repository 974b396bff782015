import { freePort } from '../../dev/laptop/ports.js';
import { eventually } from './eventually.js';
import { startBroker } from './kafka/broker.js';
import { archiveClasses } from './kafka/class-archive.js';
import { brokerAnswers } from './kafka/broker-answers.js';
import type { KafkaBroker } from './kafka/broker.js';
import type { SecureListener } from './kafka/properties.js';
import { findJava, prepareKafka } from './kafka/jars.js';
import type { KafkaFiles } from './kafka/jars.js';
import { aptInstall, firstOf, MissingService, onPath, startContainer } from './service.js';
import type { Service } from './service.js';

/** The brokers that all tests share, undefined when there are none. */
export const kafkaBrokers = (): string[] | undefined => process.env.TEST_KAFKA_BROKERS?.split(',');

/**
 * Whether a test can have a broker of its own, to kill and restart. Without one those tests are skipped; with CI=true the run
 * fails instead.
 */
export const canStartKafka = (): boolean => Boolean(process.env.TEST_KAFKA_HOME);

/**
 * A broker of a test's own.
 * @param advertisedPort where clients are told to find it, where that is a proxy
 * @param secure a second door with TLS and passwords
 * @throws Error when canStartKafka() is false
 */
export function startKafka(advertisedPort?: number, secure?: SecureListener): Promise<KafkaBroker> {
  const { TEST_KAFKA_HOME: home, TEST_KAFKA_JAVA: java } = process.env;
  if (!home || !java) throw new Error('TEST_KAFKA_HOME is not set: run the tests through npm test');
  return startBroker({ home, java }, advertisedPort, secure);
}

/** The brokers of the environment, else one from Maven's jars with this machine's Java or a new one, or a container. */
export function provideKafka(): Promise<Service> {
  return firstOf([
    fromEnvironment,
    () => fromJars('with Java of this machine'),
    async () => {
      await installJava();
      return fromJars('with Java from apt-get');
    },
    fromContainer,
  ]);
}

const filesEnv = (files: KafkaFiles) => ({ TEST_KAFKA_HOME: files.home, TEST_KAFKA_JAVA: files.java });

async function fromEnvironment(): Promise<Service> {
  const brokers = process.env.TEST_KAFKA_BROKERS;
  if (!brokers) throw new MissingService('no TEST_KAFKA_BROKERS');
  const files = await firstOf<KafkaFiles | undefined>([prepareKafka, async () => undefined]);
  const env = { TEST_KAFKA_BROKERS: brokers, ...(files && filesEnv(files)) };
  return { env, how: 'TEST_KAFKA_BROKERS', stop: async () => undefined };
}

async function fromJars(origin: string): Promise<Service> {
  const files = await prepareKafka();
  await archiveClasses(files);
  const broker = await startBroker(files);
  return {
    env: { TEST_KAFKA_BROKERS: broker.brokers, ...filesEnv(files) },
    how: `broker from Maven ${origin}, port ${broker.port}`,
    stop: () => broker.stop(),
  };
}

async function installJava(): Promise<void> {
  const java = await firstOf<string | undefined>([async () => findJava(), async () => undefined]);
  const packages = [...(java ? [] : ['default-jre-headless']), ...(onPath('mvn') ? [] : ['maven'])];
  if (packages.length === 0) throw new MissingService('java and mvn are there, installing them again is no help');
  await aptInstall(...packages);
}

async function fromContainer(): Promise<Service> {
  const port = await freePort();
  const env = [
    'KAFKA_NODE_ID=1',
    'KAFKA_PROCESS_ROLES=broker,controller',
    `KAFKA_LISTENERS=BROKER://:${port},CONTROLLER://:9093`,
    `KAFKA_ADVERTISED_LISTENERS=BROKER://127.0.0.1:${port}`,
    'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'KAFKA_INTER_BROKER_LISTENER_NAME=BROKER',
    'KAFKA_CONTROLLER_LISTENER_NAMES=CONTROLLER',
    'KAFKA_CONTROLLER_QUORUM_VOTERS=1@localhost:9093',
    'KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=1',
    'KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS=0',
  ];
  const stop = await startContainer('apache/kafka:4.1.2', `${port}:${port}`, env);
  await eventually(() => brokerAnswers(port), undefined, { limitMs: 60_000 });
  return { env: { TEST_KAFKA_BROKERS: `127.0.0.1:${port}` }, how: `container apache/kafka:4.1.2, port ${port}`, stop };
}
