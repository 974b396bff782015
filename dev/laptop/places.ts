import type { Config } from '../../src/config.js';
import type { LaptopPorts } from './choose-ports.js';

/** One line of what runs where. */
export interface Place {
  readonly what: string;
  readonly where: string;
  /** The variable that changes it. */
  readonly variable: string;
}

export interface Running {
  /** What the user asked for. */
  readonly wanted: Config;
  /** What the service runs with. */
  readonly config: Config;
  readonly ports: LaptopPorts;
  /** Of the payment page; undefined when every neighbour is a real one. */
  readonly pageUrl: string | undefined;
}

const local = (port: number, path = '') => `http://127.0.0.1:${port}${path}`;

/** The table that a start prints. */
export function placesOf({ wanted, config, ports, pageUrl }: Running): Place[] {
  const graph = [
    { what: 'supergraph, explorer', where: local(ports.gateway, '/graphql'), variable: 'GATEWAY_PORT' },
    { what: 'orders subgraph, Apollo Sandbox', where: local(ports.orders, '/graphql'), variable: 'HTTP_PORT' },
    { what: 'users subgraph', where: local(ports.users, '/graphql'), variable: 'USERS_PORT' },
    { what: 'courses subgraph', where: local(ports.courses, '/graphql'), variable: 'COURSES_PORT' },
    { what: 'sessions subgraph', where: local(ports.sessions, '/graphql'), variable: 'SESSIONS_PORT' },
  ];
  const page = pageUrl
    ? [
        { what: 'web page of the shop', where: `${pageUrl}/shop/`, variable: 'DEV_PORT' },
        { what: 'payment page', where: `${pageUrl}/`, variable: 'DEV_PORT' },
      ]
    : [];
  const grpc = { what: 'OrderService (gRPC)', where: `127.0.0.1:${ports.grpc}`, variable: 'GRPC_PORT' };
  return [...graph, ...page, grpc, ...neighbours(wanted, config), ...storage(wanted, config)];
}

const NEIGHBOURS = [
  ['user', 'USER_SERVICE_GRPC', 'USER_GRPC_PORT'],
  ['course', 'COURSE_SERVICE_GRPC', 'COURSE_GRPC_PORT'],
  ['session', 'SESSION_SERVICE_GRPC', 'SESSION_GRPC_PORT'],
  ['payment', 'PAYMENT_SERVICE_GRPC', 'PAYMENT_GRPC_PORT'],
] as const;

function neighbours(wanted: Config, config: Config): Place[] {
  return NEIGHBOURS.map(([name, address, port]) => ({
    what: wanted[address] ? `${name} service` : `stand-in ${name} service (gRPC)`,
    where: config[address] ?? '',
    variable: wanted[address] ? address : port,
  }));
}

function storage(wanted: Config, config: Config): Place[] {
  const database = new URL(config.DATABASE_URL ?? '').host;
  return [
    {
      what: wanted.DATABASE_URL ? 'PostgreSQL' : 'PostgreSQL (embedded)',
      where: database,
      variable: wanted.DATABASE_URL ? 'DATABASE_URL' : 'DATABASE_PORT',
    },
    {
      what: wanted.KAFKA_BROKERS ? 'bus: Kafka' : 'bus (in PostgreSQL)',
      where: wanted.KAFKA_BROKERS?.join(',') ?? database,
      variable: 'KAFKA_BROKERS',
    },
    {
      what: wanted.REDIS_URL ? 'hints: Redis' : 'hints (in memory)',
      where: wanted.REDIS_URL ? new URL(wanted.REDIS_URL).host : 'this process',
      variable: 'REDIS_URL',
    },
  ];
}
