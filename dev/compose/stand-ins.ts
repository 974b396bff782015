// What the container `stand-ins` of docker-compose.yml runs: the neighbours of the order service and the subgraphs of
// users, courses and sessions, over a PostgreSQL and a Kafka that run already.
import pg from 'pg';
import { loadConfig } from '../../src/config.js';
import { createKafkaBus } from '../../src/messaging/bus/kafka-bus.js';
import { createLogger } from '../../src/observability/log.js';
import { lineLog } from '../laptop/laptop-log.js';
import { stackOfStops } from '../laptop/stack-of-stops.js';
import { startNeighbours } from '../neighbours/start-neighbours.js';
import { loadSampleData } from '../sample/sample-data.js';
import { startSubgraphs } from '../subgraphs/start-subgraphs.js';
import { NEIGHBOUR_PORTS, SUBGRAPH_PORTS } from './ports.js';

// Reached from other containers; compose publishes what is for people on 127.0.0.1 only.
const BIND_HOST = '0.0.0.0';

function needed<T>(name: string, value: T | undefined): T {
  if (value === undefined || value === '') throw new Error(`missing: ${name}`);
  return value;
}

const config = loadConfig(process.env);
const databaseUrl = needed('DATABASE_URL', config.DATABASE_URL);
const brokers = needed('KAFKA_BROKERS', config.KAFKA_BROKERS);
const jwtSecret = needed('JWT_ACCESS_TOKEN_SECRET', config.JWT_ACCESS_TOKEN_SECRET);
const orderServiceAddress = needed('ORDER_SERVICE_GRPC', process.env['ORDER_SERVICE_GRPC']);
const publicGraphUrl = needed('PUBLIC_GRAPH_URL', process.env['PUBLIC_GRAPH_URL']);

const log = createLogger(config.LOG_LEVEL);
const sample = loadSampleData(process.env);
const stops = stackOfStops();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => void stops.stopAll(log).then(() => process.exit(0)));
}

const pool = new pg.Pool({ connectionString: databaseUrl, application_name: 'stand-ins' });
pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
stops.push('database pool', () => pool.end());
const { KAFKA_CLIENT_ID: clientId, KAFKA_PARTITIONS: partitions } = config;
const bus = createKafkaBus({ brokers, clientId, partitions, log });
stops.push('bus', () => bus.close());

const neighbours = await startNeighbours({
  pool,
  bus,
  sample,
  orderServiceAddress,
  paymentContract: config.PAYMENT_CONTRACT,
  ports: NEIGHBOUR_PORTS,
  bindHost: BIND_HOST,
  paymentLifeMs: config.PAYMENT_LIFE_MINUTES * 60_000,
  // Apollo Router has subscriptions with a licence only, so the page asks again instead.
  web: { shop: { graphUrl: publicGraphUrl, subscriptionsUrl: null }, jwtSecret },
  log: lineLog(log, 'neighbours'),
});
stops.push('neighbours', () => neighbours.stop());

const local = (port: number) => `127.0.0.1:${port}`;
const subgraphs = await startSubgraphs({
  ports: SUBGRAPH_PORTS,
  addresses: {
    user: local(NEIGHBOUR_PORTS.user),
    course: local(NEIGHBOUR_PORTS.course),
    session: local(NEIGHBOUR_PORTS.session),
  },
  sample,
  jwtSecret,
  bindHost: BIND_HOST,
  log: lineLog(log, 'subgraphs'),
});
stops.push('subgraphs', () => subgraphs.stop());
log.info({ payments: neighbours.pageUrl }, 'ready');
