import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { freePort } from '../../../dev/laptop/ports.js';
import { startNeighbours, type Neighbours } from '../../../dev/neighbours/start-neighbours.js';
import { loadSampleData } from '../../../dev/sample/sample-data.js';
import { createKafkaBus } from '../../../src/messaging/bus/kafka-bus.js';
import { createLogger } from '../../../src/observability/log.js';
import { migrate } from '../../../src/persistence/migrate.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { createDatabase } from '../../support/postgres.js';

export const SITE_SECRET = 'a-secret-of-this-test-site';
const ROUTER_SECRET = 'a-router-secret-of-this-site';

/** One process of what ships, as an operator would run it. */
export interface Replica {
  readonly url: string;
  /** True while the process of the last start lives. */
  isAlive(): boolean;
  /** SIGKILL, then the same again. @returns when it is ready again */
  killAndRestart(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A site as in production: real PostgreSQL, Kafka and Redis, stand-in neighbours, and what ships as processes of its own. */
export interface Site {
  readonly neighbours: Neighbours;
  readonly sql: <T extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<T[]>;
  startReplica(): Promise<Replica>;
  ask(replica: Replica, token: string, query: string, variables?: object): Promise<{ data: never; errors?: unknown }>;
  stop(): Promise<void>;
}

/** The real parts of a site. */
export interface SiteParts {
  readonly brokers: string[];
  readonly redisUrl: string;
  readonly students: number;
  /** A PostgreSQL of the service's own, for tests that stop it. */
  readonly postgresUrl?: string;
}

export async function startSite(parts: SiteParts): Promise<Site> {
  const [database, standIns] = [await createDatabase(parts.postgresUrl), await createDatabase()];
  await migrate(database.url, createLogger('silent'));
  const pools = [database.url, standIns.url].map((connectionString) => new pg.Pool({ connectionString, max: 5 }));
  const [pool, standInPool] = pools as [pg.Pool, pg.Pool];
  for (const one of pools) one.on('error', (error) => testLog().debug({ err: error }, 'an idle connection was lost'));
  const grpcPort = await freePort();
  const log = testLog();
  const bus = createKafkaBus({ brokers: parts.brokers, clientId: 'stand-ins', partitions: 3, log });
  const neighbours = await startNeighbours({
    pool: standInPool,
    bus,
    sample: loadSampleData({ SAMPLE_STUDENTS: String(parts.students) }),
    orderServiceAddress: `127.0.0.1:${grpcPort}`,
    paymentContract: 'v2',
    ports: { user: 0, course: 0, session: 0, payment: 0, page: 0 },
    log: (line) => log.debug(line),
  });
  const group = `orders-${randomBytes(4).toString('hex')}`;
  const env = {
    ...process.env,
    NODE_ENV: 'production',
    HTTP_HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    DATABASE_URL: database.url,
    KAFKA_BROKERS: parts.brokers.join(','),
    KAFKA_CONSUMER_GROUP: group,
    REDIS_URL: parts.redisUrl,
    USER_SERVICE_GRPC: neighbours.addresses.user,
    COURSE_SERVICE_GRPC: neighbours.addresses.course,
    PAYMENT_SERVICE_GRPC: neighbours.addresses.payment,
    JWT_ACCESS_TOKEN_SECRET: SITE_SECRET,
    ROUTER_SECRET,
    GRPC_TRUST_NETWORK: 'true',
  };
  const replicas: Replica[] = [];
  return {
    neighbours,
    sql: async (text, values) => (await pool.query(text, values)).rows as never,
    async startReplica() {
      // The payment service calls back at one address: the first replica's.
      const ports = {
        HTTP_PORT: String(await freePort()),
        GRPC_PORT: String(replicas.length === 0 ? grpcPort : await freePort()),
      };
      const replica = await runReplica({ ...env, ...ports });
      replicas.push(replica);
      return replica;
    },
    async ask(replica, token, query, variables = {}) {
      const headers = {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-router-secret': ROUTER_SECRET,
      };
      const answer = await fetch(`${replica.url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query, variables }),
      });
      return (await answer.json()) as { data: never };
    },
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()));
      await neighbours.stop();
      await bus.close();
      await Promise.all(pools.map((one) => one.end()));
      await Promise.all([database.drop(), standIns.drop()]);
    },
  };
}

async function runReplica(env: NodeJS.ProcessEnv): Promise<Replica> {
  const url = `http://127.0.0.1:${env.HTTP_PORT}`;
  let child: ChildProcess | undefined;
  let output = '';
  const start = async () => {
    output = '';
    const started = spawn(process.execPath, ['dev/run.mjs', 'src/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (part) => (output = (output + String(part)).slice(-20_000)));
    await eventually(async () => started.exitCode !== null || (await fetch(`${url}/ready`)).status === 200, Boolean, {
      limitMs: 60_000,
      everyMs: 50,
    });
    if (started.exitCode !== null) throw new Error(`the service did not start:\n${output}`);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  await start();
  return {
    url,
    isAlive: () => child?.exitCode === null && child.signalCode === null,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    killAndRestart: async () => {
      await end('SIGKILL');
      await start();
    },
  };
}
