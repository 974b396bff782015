import { startApp } from './app.js';
import { ConfigError, loadConfig, requireProductionSettings, type Config, type ProductionConfig } from './config.js';
import { settingsWarnings } from './secrets.js';
import { createKafkaBus } from './messaging/bus/kafka-bus.js';
import { createLogger } from './observability/log.js';
import { kafkaSecurity, redisTls } from './transport-security.js';
import { createRedisHints } from './subscriptions/redis-hints.js';

/** A process that does not end by itself is killed by its supervisor soon after. */
const LONGEST_STOP_MS = 19_000;

/** What ships: reads the settings, starts, stops on a signal. */
async function main(): Promise<void> {
  const config = readSettings();
  const log = createLogger(config.LOG_LEVEL);
  for (const warning of settingsWarnings(config)) log.warn(warning);
  const { KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: clientId, KAFKA_PARTITIONS: partitions, REDIS_URL: url } = config;
  const { security, tls } = readSecurity(config);
  const createTopics = config.KAFKA_CREATE_TOPICS;
  const bus = createKafkaBus({ brokers, clientId, partitions, createTopics, security, log });
  const hints = createRedisHints({ url, tls, log });
  const app = await startApp(config, { bus, hints, log });
  log.info({ url: app.httpUrl, grpcPort: app.grpcPort }, 'ready');

  const stop = async (signal: string) => {
    log.info({ signal }, 'stopping');
    // Nothing is lost by a harder end: what was not finished goes on elsewhere.
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    await app.stop();
    await Promise.all([bus.close(), hints.close()]);
    log.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void stop(signal));
}

function readSettings(): ProductionConfig {
  return orExplain(() => {
    // What ships runs as production unless NODE_ENV says otherwise: a forgotten variable must not open the explorer.
    const config: Config = loadConfig({ ...process.env, NODE_ENV: process.env['NODE_ENV'] || 'production' });
    requireProductionSettings(config);
    return config;
  });
}

function readSecurity(config: Config) {
  return orExplain(() => ({ security: kafkaSecurity(config), tls: redisTls(config) }));
}

/** Ends the process with one line a mistake in the settings. */
function orExplain<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

await main();
