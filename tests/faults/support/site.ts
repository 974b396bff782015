import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { freePort } from '../../../dev/laptop/ports.js';
import { startNeighbours, type Neighbours } from '../../../dev/neighbours/start-neighbours.js';
import { loadSampleData } from '../../../dev/sample/sample-data.js';
import { createKafkaBus } from '../../../src/messaging/bus/kafka-bus.js';
import { createLogger } from '../../../src/observability/log.js';
import { migrate } from '../../../src/persistence/migrate.js';
import { canStartKafka, startKafka } from '../../support/kafka.js';
import { testLog } from '../../support/log.js';
import { createDatabase } from '../../support/postgres.js';
import { redisUrl } from '../../support/redis.js';
import { runReplica, type Replica } from './replica.js';
import { ROUTER_SECRET, SITE_SECRET } from './secrets.js';

export type Sql = <T extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<T[]>;

/** A site as in production: real PostgreSQL, Kafka and Redis, stand-in neighbours, and what ships as processes of its own. */
export interface Site {
  readonly neighbours: Neighbours;
  readonly brokers: readonly string[];
  readonly databaseUrl: string;
  /** Looks at the service's database from outside. */
  readonly sql: Sql;
  /** Looks at what the stand-ins keep, in the schema `neighbours`. */
  readonly standInSql: Sql;
  /** @param settings beside the site's own; the payment service calls back at the first replica's GRPC_PORT */
  startReplica(settings?: Readonly<Record<string, string>>): Promise<Replica>;
  readonly firstGrpcPort: number;
  stop(): Promise<void>;
}

/** What a site is made of; parts that a test does not bring are its own (Kafka) or those of the run. */
export interface SiteParts {
  readonly students: number;
  readonly brokers?: readonly string[];
  readonly redisUrl?: string;
  /** A PostgreSQL of the service's own, for tests that stop it. */
  readonly postgresUrl?: string;
  /** Settings of all replicas. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Whether there can be sites. */
export const canStartSite = (): boolean => canStartKafka() && redisUrl() !== undefined;

/** @throws Error when canStartSite() is false */
export async function startSite(parts: SiteParts): Promise<Site> {
  // A broker of its own: the stand-ins of two sites would read each other's messages.
  const kafka = parts.brokers ? undefined : await startKafka();
  const brokers = parts.brokers ?? kafka?.brokers.split(',') ?? [];
  const [database, standIns] = [await createDatabase(parts.postgresUrl), await createDatabase()];
  await migrate(database.url, createLogger('silent'));
  const [pool, standInPool] = [openPool(database.url), openPool(standIns.url)];
  const firstGrpcPort = await freePort();
  const bus = createKafkaBus({ brokers, clientId: 'stand-ins', partitions: 3, log: testLog() });
  const neighbours = await startNeighbours({
    pool: standInPool,
    bus,
    sample: loadSampleData({ SAMPLE_STUDENTS: String(parts.students) }),
    orderServiceAddress: `127.0.0.1:${firstGrpcPort}`,
    paymentContract: 'v2',
    ports: { user: 0, course: 0, session: 0, payment: 0, page: 0 },
    log: (line) => testLog().debug(line),
  });
  const env = environment({ ...parts, brokers }, database.url, neighbours);
  const replicas: Replica[] = [];
  return {
    neighbours,
    brokers,
    databaseUrl: database.url,
    firstGrpcPort,
    sql: sqlOf(pool),
    standInSql: sqlOf(standInPool),
    async startReplica(settings = {}) {
      const ports = {
        HTTP_PORT: String(await freePort()),
        GRPC_PORT: String(replicas.length === 0 ? firstGrpcPort : await freePort()),
      };
      const replica = await runReplica({ ...env, ...ports, ...settings });
      replicas.push(replica);
      return replica;
    },
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await neighbours.stop();
      await bus.close();
      await Promise.all([pool.end(), standInPool.end()]);
      await Promise.all([database.drop(), standIns.drop(), kafka?.stop()]);
    },
  };
}

/** A few connections for a test; those that a fault breaks are replaced. */
export function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 5 });
  pool.on('error', (error) => testLog().debug({ err: error }, 'an idle connection was lost'));
  return pool;
}

export const sqlOf =
  (pool: pg.Pool): Sql =>
  async (text, values) =>
    (await pool.query(text, values)).rows as never;

function environment(
  parts: SiteParts & { brokers: readonly string[] },
  databaseUrl: string,
  { addresses }: Neighbours,
): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_ENV: 'production',
    HTTP_HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: parts.brokers.join(','),
    KAFKA_CONSUMER_GROUP: `orders-${randomBytes(4).toString('hex')}`,
    REDIS_URL: parts.redisUrl ?? redisUrl(),
    USER_SERVICE_GRPC: addresses.user,
    COURSE_SERVICE_GRPC: addresses.course,
    SESSION_SERVICE_GRPC: addresses.session,
    PAYMENT_SERVICE_GRPC: addresses.payment,
    JWT_ACCESS_TOKEN_SECRET: SITE_SECRET,
    ROUTER_SECRET,
    // The load of many comes from few.
    RATE_LIMIT: 'off',
    GRPC_TRUST_NETWORK: 'true',
    REFUND_APPROVAL: 'automatic',
    ...parts.settings,
  };
}
