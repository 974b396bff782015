import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { startApp } from '../../src/app.js';
import { LAPTOP_JWT_SECRET, loadConfig } from '../../src/config.js';
import type { Config } from '../../src/config.js';
import type { Bus } from '../../src/messaging/bus/bus.js';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import { createPostgresBus } from '../../src/messaging/bus/postgres-bus.js';
import { createMemoryHints } from '../../src/subscriptions/memory-hints.js';
import { createRedisHints } from '../../src/subscriptions/redis-hints.js';
import { prepareTabs } from '../explorer/prepare-tabs.js';
import { startGateway } from '../gateway/start-gateway.js';
import { startNeighbours } from '../neighbours/start-neighbours.js';
import type { Neighbours } from '../neighbours/start-neighbours.js';
import { loadSampleData } from '../sample/sample-data.js';
import type { SampleData } from '../sample/sample-data.js';
import { startSubgraphs, subgraphSdl } from '../subgraphs/start-subgraphs.js';
import { choosePorts } from './choose-ports.js';
import type { LaptopPorts } from './choose-ports.js';
import { lineLog, openLaptopLog } from './laptop-log.js';
import { placesOf } from './places.js';
import type { Place } from './places.js';
import { stackOfStops } from './stack-of-stops.js';
import type { StackOfStops } from './stack-of-stops.js';
import { startDatabase } from './start-database.js';
import type { LaptopDatabase } from './start-database.js';

const SCHEMA = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

export interface LaptopOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Begins with empty data. */
  readonly fresh: boolean;
  /** Gets warnings and errors, one line each. */
  readonly show: (line: string) => void;
  /** Ends the start between two steps. */
  readonly signal?: AbortSignal;
  /** Sees every SQL statement of the service; for tests that count. */
  readonly onQuery?: (sql: string) => void;
}

export interface Laptop {
  readonly config: Config;
  readonly sample: SampleData;
  readonly gatewayUrl: string;
  readonly pageUrl: string | undefined;
  readonly places: readonly Place[];
  /** The stand-ins, with their fault knobs; undefined when every neighbour is a real one. */
  readonly neighbours: Neighbours | undefined;
  /** Of the embedded PostgreSQL, the only process beside this one. */
  readonly databasePid: number | undefined;
  stop(): Promise<void>;
}

interface Parts {
  readonly ports: LaptopPorts;
  readonly sample: SampleData;
  readonly log: Logger;
  readonly stops: StackOfStops;
  readonly signal: AbortSignal | undefined;
  readonly onQuery: ((sql: string) => void) | undefined;
}

/**
 * Starts the whole product in this process, on 127.0.0.1. A start that fails stops what it has started.
 * @throws ConfigError, PortError, SampleDataError, PostgresVersionError: their messages are for the user
 */
export async function startLaptop({ env, fresh, show, signal, onQuery }: LaptopOptions): Promise<Laptop> {
  const wanted = loadConfig({ JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET, SHUTDOWN_DELAY_MS: '0', ...presentIn(env) });
  const sample = loadSampleData(env);
  const ports = await choosePorts(env);
  const dataDir = resolve(env['DATA_DIR'] || '.data');
  const { log, file } = openLaptopLog(join(dataDir, 'log'), wanted.LOG_LEVEL, show);
  const stops = stackOfStops();
  const parts = { ports, sample, log, stops, signal, onQuery };
  const stop = () => stops.stopAll(log);
  try {
    const database = await startDatabase({
      url: wanted.DATABASE_URL,
      dataDir,
      port: ports.database,
      fresh,
      log,
      stops,
    });
    const { places, ...laptop } = await startParts(parts, wanted, database);
    return { ...laptop, places: [...places, { what: 'log', where: file, variable: 'DATA_DIR' }], sample, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const presentIn = (env: LaptopOptions['env']) => Object.fromEntries(Object.entries(env).filter(([, value]) => value));

async function startParts(
  parts: Parts,
  wanted: Config,
  database: LaptopDatabase,
): Promise<Omit<Laptop, 'sample' | 'stop'>> {
  const { ports, sample, log, stops, signal, onQuery } = parts;
  const bus = openBus(wanted, database, parts);
  const neighbours = await startStandIns(parts, wanted, database, bus);
  signal?.throwIfAborted();
  const config = serviceConfig(parts, wanted, database, neighbours?.addresses);
  const hints = wanted.REDIS_URL ? createRedisHints({ url: wanted.REDIS_URL, log }) : createMemoryHints();
  stops.push('hints', () => hints.close());
  const app = await startApp(config, { bus, hints, log, onQuery });
  stops.push('orders service', () => app.stop());
  signal?.throwIfAborted();
  const jwtSecret = config.JWT_ACCESS_TOKEN_SECRET ?? LAPTOP_JWT_SECRET;
  const subgraphs = await startSubgraphs({
    ports,
    addresses: {
      user: config.USER_SERVICE_GRPC ?? '',
      course: config.COURSE_SERVICE_GRPC ?? '',
      session: config.SESSION_SERVICE_GRPC ?? '',
    },
    sample,
    jwtSecret,
    log: lineLog(log, 'subgraphs'),
  });
  stops.push('subgraphs', () => subgraphs.stop());
  const graphUrl = `http://127.0.0.1:${ports.gateway}/graphql`;
  const ordersUrl = `http://127.0.0.1:${ports.orders}/graphql`;
  const gateway = await startGateway({
    port: ports.gateway,
    subgraphs: [
      { name: 'orders', url: ordersUrl, sdl: ordersSdl() },
      ...(['users', 'courses', 'sessions'] as const).map((name) => ({
        name,
        url: subgraphs.urls[name],
        sdl: subgraphSdl[name],
      })),
    ],
    explorerTabs: () => prepareTabs({ sample, jwtSecret, graphUrl, log: lineLog(log, 'explorer') }),
    log: lineLog(log, 'gateway'),
  });
  stops.push('gateway', () => gateway.stop());
  signal?.throwIfAborted();
  const pageUrl = neighbours?.pageUrl;
  const places = placesOf({ config, wanted, ports, pageUrl });
  return { config, gatewayUrl: gateway.url, pageUrl, places, neighbours, databasePid: database.pid };
}

function openBus(wanted: Config, { pool }: LaptopDatabase, { log, stops }: Parts): Bus {
  const { KAFKA_BROKERS: brokers, KAFKA_CLIENT_ID: clientId, KAFKA_PARTITIONS: partitions } = wanted;
  const bus = brokers
    ? createKafkaBus({ brokers, clientId, partitions, log })
    : createPostgresBus({ pool, partitions, log });
  stops.push('bus', () => bus.close());
  return bus;
}

/** The stand-ins of the neighbours that no address is given for; none when all are given. */
async function startStandIns({ ports, sample, log, stops }: Parts, wanted: Config, { pool }: LaptopDatabase, bus: Bus) {
  const given = [
    wanted.USER_SERVICE_GRPC,
    wanted.COURSE_SERVICE_GRPC,
    wanted.PAYMENT_SERVICE_GRPC,
    wanted.SESSION_SERVICE_GRPC,
  ];
  if (given.every(Boolean)) return undefined;
  const neighbours = await startNeighbours({
    pool,
    bus,
    sample,
    orderServiceAddress: `127.0.0.1:${ports.grpc}`,
    paymentContract: wanted.PAYMENT_CONTRACT,
    ports: {
      user: ports.userService,
      course: ports.courseService,
      session: ports.sessionService,
      payment: ports.paymentService,
      page: ports.page,
    },
    paymentLifeMs: wanted.PAYMENT_LIFE_MINUTES * 60_000,
    // Beside a real course service the stand-in must not enrol too.
    enrols: !wanted.COURSE_SERVICE_GRPC,
    refunds: !wanted.PAYMENT_SERVICE_GRPC,
    web: {
      shop: {
        graphUrl: `http://127.0.0.1:${ports.gateway}/graphql`,
        subscriptionsUrl: `ws://127.0.0.1:${ports.gateway}/graphql`,
      },
      jwtSecret: wanted.JWT_ACCESS_TOKEN_SECRET ?? LAPTOP_JWT_SECRET,
    },
    log: lineLog(log, 'neighbours'),
  });
  stops.push('neighbours', () => neighbours.stop());
  return neighbours;
}

function serviceConfig(
  { ports }: Parts,
  wanted: Config,
  database: LaptopDatabase,
  standIns: Readonly<Record<'user' | 'course' | 'session' | 'payment', string>> | undefined,
): Config {
  return Object.freeze({
    ...wanted,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: ports.orders,
    GRPC_PORT: ports.grpc,
    // The payment service calls back without a token, as on the platform; only this machine can call.
    GRPC_TRUST_NETWORK: true,
    DATABASE_URL: database.url,
    USER_SERVICE_GRPC: wanted.USER_SERVICE_GRPC ?? standIns?.user,
    COURSE_SERVICE_GRPC: wanted.COURSE_SERVICE_GRPC ?? standIns?.course,
    SESSION_SERVICE_GRPC: wanted.SESSION_SERVICE_GRPC ?? standIns?.session,
    PAYMENT_SERVICE_GRPC: wanted.PAYMENT_SERVICE_GRPC ?? standIns?.payment,
  });
}

function ordersSdl(): string {
  if (!existsSync(SCHEMA)) throw new Error('schema.graphql is missing: run npm run schema');
  return readFileSync(SCHEMA, 'utf8');
}
