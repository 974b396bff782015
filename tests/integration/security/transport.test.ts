import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { freePort } from '../../../dev/laptop/ports.js';
import { startPostgres, type EmbeddedPostgres } from '../../../dev/postgres/embedded-postgres.js';
import { loadConfig } from '../../../src/config.js';
import { grpcLimits } from '../../../src/grpc/grpc-limits.js';
import { startGrpcServer, type GrpcServer } from '../../../src/grpc/grpc-server.js';
import { OrderServiceDefinition, type OrderServiceImplementation } from '../../../src/generated/order_service.js';
import { createKafkaBus } from '../../../src/messaging/bus/kafka-bus.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { isDatabaseAway } from '../../../src/persistence/errors.js';
import { openOrm } from '../../../src/persistence/orm.js';
import { Caller } from '../../../src/platform/caller.js';
import { createRedisHints } from '../../../src/subscriptions/redis-hints.js';
import { grpcCredentials, kafkaSecurity, neighbourCredentials, redisTls } from '../../../src/transport-security.js';
import { eventually } from '../../support/eventually.js';
import { canStartKafka, startKafka } from '../../support/kafka.js';
import type { KafkaBroker } from '../../support/kafka/broker.js';
import { testLog } from '../../support/log.js';
import { present } from '../../support/present.js';
import { canStartRedis } from '../../support/redis.js';
import { onPath } from '../../support/service.js';
import { makeCertificates, type Certificates } from './certificates.js';

const hasOpenssl = onPath('openssl') !== undefined;
/** Certificates are made with the openssl program. */
const whereSigned = (condition: boolean) => (hasOpenssl && condition ? describe : describe.skip);
let certificates: Certificates;
beforeAll(() => {
  if (hasOpenssl) certificates = makeCertificates();
});
afterAll(() => {
  if (hasOpenssl) certificates.remove();
});

whereSigned(true)('gRPC over TLS', () => {
  let server: GrpcServer;
  const status: OrderServiceImplementation['getOrderStatus'] = async () => ({
    result: { $case: 'success', value: { status: 'succeeded', orderId: '' } },
  });
  const refuse = async () => Promise.reject(new Error('not asked for here'));
  const start = async (env: Record<string, string>) => {
    const service = { getOrderStatus: status, placeOrder: refuse, getOrderById: refuse, getOrders: refuse };
    const others = { restoreOrder: refuse, getRevenueStats: refuse, bookSession: refuse };
    server = await startGrpcServer({
      limits: grpcLimits(loadConfig({})),
      host: '127.0.0.1',
      port: 0,
      credentials: grpcCredentials(loadConfig(env)),
      service: { ...service, ...others },
      health: { current: () => ({ ready: true, status: 'healthy', parts: {}, problems: {} }) },
      metrics: createMetrics(),
      isPassing: isDatabaseAway,
      log: testLog(),
    });
  };
  const ask = async (env: Record<string, string>) => {
    const caller = new Caller('order', `127.0.0.1:${server.port}`, 1_000, neighbourCredentials(loadConfig(env)));
    const client = caller.client(OrderServiceDefinition);
    try {
      return (await caller.read((options) => client.getOrderStatus({ orderId: 'x' }, options))).result?.$case;
    } catch (error) {
      return (error as Error).name;
    } finally {
      caller.close();
    }
  };
  afterEach(() => server.stop());

  test('a caller who knows the authority is served, one in the clear or with another authority is not', async () => {
    await start({ GRPC_TLS_CERT: certificates.certificate, GRPC_TLS_KEY: certificates.key });
    expect(await ask({ NEIGHBOUR_TLS: 'true', NEIGHBOUR_TLS_CA: certificates.ca })).toBe('success');
    expect(await ask({ NEIGHBOUR_TLS: 'true', NEIGHBOUR_TLS_CA: certificates.strangeCa })).toBe('NeighbourDown');
    expect(await ask({})).toBe('NeighbourDown');
  }, 20_000);

  test('where callers must show a certificate, one without is not served', async () => {
    const own = { GRPC_TLS_CERT: certificates.certificate, GRPC_TLS_KEY: certificates.key };
    await start({ ...own, GRPC_TLS_CLIENT_CA: certificates.ca });
    expect(await ask({ NEIGHBOUR_TLS: 'true', NEIGHBOUR_TLS_CA: certificates.ca })).toBe('NeighbourDown');
  }, 20_000);
});

whereSigned(canStartRedis())('Redis over TLS', () => {
  let redis: ChildProcess;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const tls = [
      '--tls-port',
      String(port),
      '--tls-cert-file',
      certificates.certificate,
      '--tls-key-file',
      certificates.key,
    ];
    const rest = ['--tls-ca-cert-file', certificates.ca, '--tls-auth-clients', 'no', '--port', '0', '--save', ''];
    redis = spawn(process.env.TEST_REDIS_PROGRAM ?? '', [...tls, ...rest], { stdio: 'ignore' });
  });
  afterAll(async () => {
    redis.kill('SIGKILL');
    await once(redis, 'exit');
  });
  const open = (env: Record<string, string>) =>
    createRedisHints({ url: `rediss://127.0.0.1:${port}`, tls: redisTls(loadConfig(env)), log: testLog() });

  test('hints travel where the authority is known, and nowhere else', async () => {
    const hints = open({ REDIS_TLS_CA: certificates.ca });
    await eventually(() => hints.ping().then(() => true));
    const seen: number[] = [];
    await hints.subscribe('x', ({ version }) => seen.push(version));
    hints.publish('x', { aggregateId: 'a', version: 7 });
    await eventually(() => seen.length);
    await hints.close();
    const strange = open({ REDIS_TLS_CA: certificates.strangeCa });
    await expect(strange.ping()).rejects.toThrow();
    await strange.close();
  }, 20_000);
});

whereSigned(true)('PostgreSQL over TLS', () => {
  let postgres: EmbeddedPostgres;
  const folder = mkdtempSync(join(tmpdir(), 'orders-test-tls-db-'));
  beforeAll(async () => {
    postgres = await startPostgres({
      dataDir: join(folder, 'data'),
      log: () => undefined,
      endsWithParent: true,
    });
    await turnOnTls();
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  /** PostgreSQL runs under an account of its own, which must own the key. */
  const turnOnTls = async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const data = present(rows[0]).data_directory;
    const { uid, gid } = statSync(data);
    for (const file of ['certificate', 'key'] as const) {
      writeFileSync(join(data, `${file}.pem`), certificates.read(file), { mode: 0o600 });
      chownSync(join(data, `${file}.pem`), uid, gid);
    }
    await client.query(`alter system set ssl_cert_file = 'certificate.pem'`);
    await client.query(`alter system set ssl_key_file = 'key.pem'`);
    await client.query('alter system set ssl = on');
    await client.query('select pg_reload_conf()');
    await eventually(async () => (await client.query<{ ssl: string }>('show ssl')).rows[0]?.ssl === 'on');
    await client.end();
  };
  const isEncrypted = async (query: string) => {
    const url = query ? `${postgres.url}?${query}` : postgres.url;
    const orm = await openOrm({ url, poolMax: 1, statementTimeout: 5_000, lockTimeout: 1_000 });
    try {
      const [row] = await orm.em
        .fork()
        .execute<{ ssl: boolean }[]>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      return row?.ssl;
    } finally {
      await orm.close();
    }
  };

  test('the URL says how, and whose certificates count', async () => {
    expect(await isEncrypted('')).toBe(false);
    expect(await isEncrypted(`sslmode=verify-full&sslrootcert=${certificates.ca}`)).toBe(true);
    await expect(isEncrypted(`sslmode=verify-full&sslrootcert=${certificates.strangeCa}`)).rejects.toThrow();
  });
});

whereSigned(canStartKafka())('Kafka over TLS with passwords', () => {
  let broker: KafkaBroker;
  let port: number;
  const login = { username: 'orders', password: 'a-password' };
  beforeAll(async () => {
    port = await freePort();
    const [certificate, key] = [certificates.read('certificate'), certificates.read('key')];
    broker = await startKafka(undefined, { port, certificate, key, ...login });
  }, 120_000);
  afterAll(() => broker.stop());
  const open = (changes: Record<string, string> = {}, createTopics = true) => {
    const sasl = { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'orders', KAFKA_SASL_PASSWORD: login.password };
    const env = { KAFKA_TLS: 'true', KAFKA_TLS_CA: certificates.ca, ...sasl, ...changes };
    return createKafkaBus({
      brokers: [`127.0.0.1:${port}`],
      clientId: 'secure',
      partitions: 1,
      createTopics,
      security: kafkaSecurity(loadConfig(env)),
      log: testLog(),
    });
  };

  test('messages go out and come in', async () => {
    const bus = open();
    await bus.ensureTopics(['secure']);
    await bus.publisher().send([{ topic: 'secure', key: 'k', value: 'v' }], 10_000);
    const seen: string[] = [];
    await bus.consume({
      group: 'secure',
      topics: ['secure'],
      handle: async (batch) => void seen.push(...batch.map(({ value }) => value)),
    });
    await eventually(() => seen.length);
    expect(seen).toEqual(['v']);
    await bus.close();
  }, 60_000);

  test.each([
    ['a wrong password', { KAFKA_SASL_PASSWORD: 'another' }],
    ['no TLS', { KAFKA_TLS: 'false' }],
  ])(
    'not with %s',
    async (_, changes) => {
      await expect(open(changes).ping()).rejects.toThrow();
    },
    30_000,
  );

  test('where topics are not to be made, those that are missing are named', async () => {
    const bus = open({}, false);
    await open().ensureTopics(['there']);
    await bus.ensureTopics(['there']);
    await expect(bus.ensureTopics(['there', 'missing-one', 'missing-two'])).rejects.toThrow(
      'these topics do not exist: missing-one, missing-two',
    );
  }, 60_000);
});
