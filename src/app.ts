import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import type { KeySet } from './auth/key-set.js';
import { createAuthenticate, keySetOf } from './auth/tokens.js';
import { createBackgroundWork } from './background.js';
import type { Environment } from './commands/environment.js';
import { createSeatsFreed } from './commands/promote-waiting.js';
import { AccountGate } from './commands/user/account-gate.js';
import type { Config } from './config.js';
import { createCallerIdentity } from './grpc/caller-identity.js';
import { grpcLimits } from './grpc/grpc-limits.js';
import { startGrpcServer } from './grpc/grpc-server.js';
import { createOrderService } from './grpc/order-service.js';
import type { Bus } from './messaging/bus/bus.js';
import { consumedTopics, publishedTopics } from './messaging/topics.js';
import { HealthMonitor, type HealthCheck } from './observability/health.js';
import type { Logger } from './observability/log.js';
import { createMetrics, type Metrics } from './observability/metrics.js';
import { surviveUnhandledRejections } from './observability/unhandled-rejections.js';
import { DatabaseCheck } from './persistence/database-check.js';
import { DatabaseClock } from './persistence/database-clock.js';
import { DeletedCourses } from './persistence/deleted-courses.js';
import { isDatabaseAway } from './persistence/errors.js';
import { GroupWriter } from './persistence/group-writer.js';
import { missingMigrations } from './persistence/missing-migrations.js';
import { openOrm, type Fork } from './persistence/orm.js';
import { connectNeighbours } from './platform/connect.js';
import { policiesOf } from './policies/policies.js';
import { createBookingReads } from './queries/booking-reads.js';
import { createOrderReads } from './queries/order-reads.js';
import { createRecorders } from './recorders.js';
import { ordersSubgraph } from './resolvers/index.js';
import { createContextFactory } from './server/context-factory.js';
import { createServices } from './services.js';
import { startHttpServer } from './server/http-server.js';
import { Broadcast } from './subscriptions/broadcast.js';
import type { Hints } from './subscriptions/hints.js';
import { LiveStreams } from './subscriptions/live-streams.js';
import { grpcCredentials, neighbourCredentials, redisTls } from './transport-security.js';

/** The parts that come in two kinds: real ones, and the laptop's. */
export interface Parts {
  readonly bus: Bus;
  readonly hints: Hints;
  readonly log: Logger;
  /** Sees every SQL statement; for tests that count. */
  readonly onQuery?: (sql: string) => void;
}

export interface App {
  readonly httpUrl: string;
  /** Where health and metrics are. */
  readonly operationsUrl: string;
  readonly grpcPort: number;
  /** Ends what is under way and lets everything go. The bus and the hints stay the caller's. */
  stop(): Promise<void>;
}

/** Puts the service together and starts it. The database must have been migrated. */
export async function startApp(config: Config, { bus, hints, log, onQuery }: Parts): Promise<App> {
  const metrics = createMetrics();
  const leaveRejections = surviveUnhandledRejections(metrics, log);
  const recorders = createRecorders();
  const orm = await openOrm({
    ...databaseOptions(config),
    recorders: recorders.all,
    onQuery,
    onPool: (pool) => metrics.watchPool(pool),
  });
  const fork: Fork = () => orm.em.fork();
  const clock = new DatabaseClock(fork, { log, metrics });
  await clock.measure();
  const courseNews = new Broadcast(hints, 'courses:changed', (id) => void neighbours.courses.forgetHere([id]), log);
  const neighbours = connectNeighbours(config, neighbourCredentials(config), {
    redisTls: redisTls(config),
    deleted: new DeletedCourses(fork),
    announce: (ids) => courseNews.announce(ids),
    log,
  });
  const policies = policiesOf(config);
  const writer = new GroupWriter(fork);
  const env: Environment = { fork, writer, neighbours, policies, clock, newId: () => uuidv7(), log };

  recorders.seatsFreed = createSeatsFreed(env);
  await bus.ensureTopics([...publishedTopics, ...consumedTopics]);
  const reads = createOrderReads(orm, fork);
  const bookingReads = createBookingReads(orm, fork);
  const limits = { perViewer: config.SUBSCRIPTIONS_PER_VIEWER, total: config.SUBSCRIPTIONS_TOTAL };
  const gate = new AccountGate(env, (userId) => streams.block(userId));
  const isBlocked = (userId: string) => gate.isBlocked(userId);
  const streams = new LiveStreams({ orders: reads, bookings: bookingReads }, { hints, clock, log, isBlocked }, limits);
  const blocked = new Broadcast(hints, 'users:blocked', (userId) => gate.noteBlocked(userId), log);
  const work = createBackgroundWork(config, env, { bus, metrics, clock, streams, gate, blocked });
  recorders.ordersCommitted = (orders) => {
    work.wake();
    streams.orders.announce(orders.map(({ id, buyerId, version }) => ({ id, ownerId: buyerId, version })));
  };
  recorders.bookingsCommitted = (bookings) => {
    work.wake();
    streams.bookings.announce(bookings.map(({ id, attendeeId, version }) => ({ id, ownerId: attendeeId, version })));
  };

  const keys = keySetOf(config, log);
  await keys?.load();
  const authenticate = createAuthenticate(config, clock, keys);
  const services = createServices(env, orm, gate, { reads, bookingReads }, streams);
  await gate.start();
  const databaseCheck = new DatabaseCheck(databaseOptions(config).url);
  const checks: HealthCheck[] = [
    { name: 'database', required: true, check: () => databaseCheck.isUp() },
    { name: 'migrations', required: true, check: missingMigrations(fork) },
    { name: 'clock', required: true, check: () => clock.isUsable() },
    { name: 'machine_clock', required: false, check: () => clock.isMachineClockRight() },
    { name: 'bus', required: false, check: () => bus.ping().then(() => true) },
    { name: 'hints', required: false, check: () => hints.ping().then(() => true) },
    ...(keys ? [keySetCheck(keys, metrics)] : []),
    ...neighbours.checks,
    ...work.checks,
  ];
  const health = new HealthMonitor(checks, { metrics, log });
  const contextOf = createContextFactory(services, authenticate);
  const { schema } = ordersSubgraph();
  const serving = { health, metrics, isPassing: isDatabaseAway, log };
  await health.start();
  const http = await startHttpServer({ config, schema, contextOf, redisTls: redisTls(config), ...serving });
  const callers = createCallerIdentity(authenticate, config.GRPC_TRUST_NETWORK);
  const { HTTP_HOST: host, GRPC_PORT: port } = config;
  const grpc = await startGrpcServer({
    host,
    port,
    credentials: grpcCredentials(config),
    limits: grpcLimits(config),
    reflects: config.NODE_ENV !== 'production',
    service: createOrderService(services, callers),
    ...serving,
  });
  void blocked.start();
  void courseNews.start();
  await work.start();

  const stopServing = async () => {
    await streams.close();
    // Whoever sends requests here needs a moment to see that this replica is not ready any more.
    await pause(config.SHUTDOWN_DELAY_MS);
    await Promise.all([http.stop(), grpc.stop()]);
  };
  return {
    httpUrl: http.url,
    operationsUrl: http.operationsUrl,
    grpcPort: grpc.port,
    stop: async () => {
      health.leave();
      http.leave();
      await Promise.all([work.stop(), gate.stop(), stopServing(), blocked.stop(), courseNews.stop()]);
      health.stop();
      await work.publishRest();
      neighbours.close();
      await Promise.all([orm.close(), databaseCheck.close()]);
      leaveRejections();
    },
  };
}

/** Degraded while the endpoint is away: the last keys count for a time. */
function keySetCheck(keys: KeySet, { keySetAge }: Metrics): HealthCheck {
  return {
    name: 'key_set',
    required: false,
    check() {
      if (Number.isFinite(keys.ageMs)) keySetAge.set(keys.ageMs / 1_000);
      return keys.isReachable() || 'the key set of access tokens cannot be fetched';
    },
  };
}

function databaseOptions(config: Config) {
  const {
    DATABASE_URL: url,
    DB_POOL_MAX: poolMax,
    DB_STATEMENT_TIMEOUT_MS: statementTimeout,
    DB_LOCK_TIMEOUT_MS: lockTimeout,
    DB_TRANSACTION_TIMEOUT_MS: transactionTimeout,
  } = config;
  if (!url) throw new Error('DATABASE_URL is missing');
  return { url, poolMax, statementTimeout, lockTimeout, transactionTimeout };
}
