import { z } from 'zod';
import { weakSecrets } from './secrets.js';

/** The secret that `npm start` signs and verifies tokens with. What ships refuses to start with it. */
export const LAPTOP_JWT_SECRET = 'laptop-only-secret-do-not-use-anywhere-else';

const port = (value: number) => z.coerce.number().int().min(0).max(65_535).default(value);
const whole = (value: number, min: number, max: number) => z.coerce.number().int().min(min).max(max).default(value);
const flag = (value: boolean) =>
  z
    .enum(['true', 'false'])
    .default(value ? 'true' : 'false')
    .transform((text) => text === 'true');
const list = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().min(1)).min(1));
/** Path of a file, relative to where the process runs. */
const file = z.string().min(1);
const address = z.string().regex(/^[^\s:]+:\d+$/, 'expected host:port');

/** Every setting of the service. The description of each is its documentation; units are named there. */
export const settings = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .optional()
    .describe('development, test or production; absent: production for what ships, development under npm start'),
  HTTP_HOST: z.string().default('0.0.0.0').describe('address that HTTP and gRPC listen on'),
  HTTP_PORT: port(3000).describe('port of GraphQL, health and metrics (4001 under npm start)'),
  OPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('port of /healthz, /ready and /metrics; absent: they are on HTTP_PORT'),
  GRPC_PORT: port(50_054).describe('port of the gRPC OrderService'),
  SHUTDOWN_DELAY_MS: whole(2_000, 0, 10_000).describe(
    'how long a process that is stopping still answers while it is not ready, ms',
  ),
  GRPC_TLS_CERT: file.optional().describe('PEM file of the certificate that the gRPC server shows; with GRPC_TLS_KEY'),
  GRPC_TLS_KEY: file.optional().describe('PEM file of its private key'),
  GRPC_TLS_CLIENT_CA: file
    .optional()
    .describe('PEM file of the authority that must have signed the certificates of gRPC callers'),
  GRPC_MAX_MESSAGE_KB: whole(256, 16, 10_240).describe('largest gRPC request, as sent and inflated, KiB'),
  GRPC_MAX_STREAMS: whole(100, 1, 10_000).describe('most gRPC calls at once over one connection'),
  GRPC_MAX_CONNECTIONS: whole(256, 1, 100_000).describe(
    'most gRPC connections; a new one may replace one without calls',
  ),
  GRPC_MAX_ARRIVING: whole(512, 1, 100_000).describe('most gRPC requests arriving at once; the slowest is replaced'),
  GRPC_CONNECTION_AGE_MINUTES: whole(30, 1, 10_000).describe('minutes until a gRPC client is asked to reconnect'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('least level logged'),

  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL connection URL; ?sslmode=verify-full&sslrootcert=<file> for TLS'),
  DB_POOL_MAX: whole(16, 1, 500).describe('most database connections of this process'),
  DB_STATEMENT_TIMEOUT_MS: whole(10_000, 100, 600_000).describe('longest single SQL statement, ms'),
  DB_TRANSACTION_TIMEOUT_MS: whole(30_000, 1_000, 600_000).describe('longest transaction, ms (PostgreSQL 17 or newer)'),
  DB_LOCK_TIMEOUT_MS: whole(5_000, 10, 600_000).describe('longest wait for a row lock, ms'),

  KAFKA_BROKERS: list.optional().describe('Kafka brokers, host:port, separated by commas'),
  KAFKA_TLS: flag(false).describe('true: brokers are spoken to over TLS'),
  KAFKA_TLS_CA: file.optional().describe("PEM file of the authority that signed the brokers' certificates"),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'])
    .optional()
    .describe('how to sign in at the brokers: plain, scram-sha-256 or scram-sha-512'),
  KAFKA_SASL_USERNAME: z.string().min(1).optional().describe('user name at the brokers'),
  KAFKA_SASL_PASSWORD: z.string().min(1).optional().describe('password at the brokers'),
  KAFKA_CREATE_TOPICS: flag(true).describe('false: topics must exist; those that are missing are named'),
  KAFKA_CLIENT_ID: z.string().min(1).default('order-service').describe('client id shown to the brokers'),
  KAFKA_CONSUMER_GROUP: z.string().min(1).default('order-service-group').describe('consumer group'),
  KAFKA_PARTITIONS: whole(3, 1, 1000).describe('partitions of topics that the service creates'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('Redis URL, carries hints of live streams; rediss:// for TLS'),
  REDIS_TLS_CA: file.optional().describe('PEM file of the authority that signed the certificate of Redis'),

  USER_SERVICE_GRPC: address.optional().describe('user service, host:port'),
  COURSE_SERVICE_GRPC: address.optional().describe('course service, host:port'),
  PAYMENT_SERVICE_GRPC: address.optional().describe('payment service, host:port'),
  SESSION_SERVICE_GRPC: address.optional().describe('session service, host:port; without it sessions are unavailable'),
  PAYMENT_CONTRACT: z.enum(['v1', 'v2']).default('v2').describe('which contract the payment service speaks'),
  NEIGHBOUR_TLS: flag(false).describe('true: neighbours are called over TLS'),
  NEIGHBOUR_TLS_CA: file.optional().describe("PEM file of the authority that signed the neighbours' certificates"),
  NEIGHBOUR_TIMEOUT_MS: whole(3_000, 50, 60_000).describe('deadline of one call to a neighbour, ms'),
  GRPC_TRUST_NETWORK: flag(false).describe(
    'true: gRPC callers without a token are believed about the user id they name',
  ),

  JWT_ACCESS_TOKEN_SECRET: z.string().min(16).optional().describe('shared secret of access tokens (HS256)'),
  JWKS_URL: z.url().optional().describe('key set of access tokens, instead of the shared secret'),
  JWKS_STALE_MINUTES: whole(60, 1, 10_080).describe(
    'minutes for which the last key set counts while JWKS_URL does not answer',
  ),
  JWT_ISSUER: z.string().default('auth-service').describe('expected issuer of access tokens'),
  JWT_AUDIENCE: z.string().default('edulearn').describe('expected audience of access tokens'),
  ROUTER_SECRET: z.string().min(16).optional().describe('callers of /graphql must send it as header x-router-secret'),

  SUBSCRIPTION_CALLBACK_URLS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(z.url({ protocol: /^https?$/ })))
    .describe(
      'where routers may ask to be called back with live changes: beginnings of URLs, with commas; none: nowhere',
    ),
  SUBSCRIPTIONS_PER_VIEWER: whole(100, 1, 100_000).describe('most live streams of one viewer at a process'),
  SUBSCRIPTIONS_TOTAL: whole(20_000, 1, 1_000_000).describe('most live streams at a process'),
  GRAPH_MAX_DEPTH: whole(20, 1, 1_000).describe('most levels of fields in one operation'),
  GRAPH_MAX_ALIASES: whole(100, 0, 10_000).describe('most aliases in one operation'),
  GRAPH_MAX_DIRECTIVES: whole(50, 0, 10_000).describe('most directives in one operation'),
  GRAPH_MAX_ROOT_FIELDS: whole(50, 1, 10_000).describe('most root fields in one operation'),
  GRAPH_MAX_FIELDS: whole(1_000, 1, 100_000).describe(
    'most fields in one operation, every fragment written out where it is spread',
  ),
  GRAPH_MAX_TOKENS: whole(5_000, 10, 100_000).describe('most tokens in the text of an operation'),
  GRAPH_MAX_COST: whole(20_000, 1, 10_000_000).describe(
    'highest cost of one operation, counted by @cost and @listSize of the schema',
  ),
  GRAPH_MAX_REPRESENTATIONS: whole(500, 1, 100_000).describe(
    'most representations that _entities is asked for at once',
  ),
  BODY_LIMIT_KB: whole(1_024, 1, 102_400).describe('largest HTTP body and WebSocket message, KiB'),
  REQUEST_TIMEOUT_MS: whole(15_000, 100, 600_000).describe(
    'longest a query or mutation is waited for, ms; then it is answered with SERVICE_UNAVAILABLE and its reads are cancelled',
  ),
  RATE_LIMIT: z
    .union([z.literal('off'), z.coerce.number().int().min(1).max(1_000_000)])
    .default(300)
    .describe('most mutations of one viewer in a minute, over all replicas that share a Redis; or off'),
  CORS_ORIGINS: list
    .optional()
    .describe('origins of web pages that may call, separated by commas; absent: none in production, else this machine'),

  COURSE_CACHE_SECONDS: whole(0, 0, 3_600).describe(
    'seconds for which a course, its price too, may be remembered; 0: every placing asks the course service',
  ),
  NOTICE_CHANNELS: z
    .string()
    .default('email,in-app')
    .transform((text) => (text === 'none' ? [] : text.split(',').map((word) => word.trim())))
    .pipe(z.array(z.enum(['email', 'in-app'])))
    .describe(
      'how buyers are notified of receipts, failures, expiry, refunds: email, in-app, both with a comma, or none',
    ),
  CART_LIMIT: whole(50, 1, 500).describe('most courses in one order'),
  ORDER_PAYABLE_MINUTES: whole(30, 1, 100_000).describe('minutes an order stays payable after placing'),
  PAYMENT_LIFE_MINUTES: whole(10, 1, 1_000).describe('minutes a payment at the payment service lives'),
  PAYMENT_GRACE_MINUTES: whole(2, 0, 1_000).describe('minutes to wait for events of a payment after its life'),
  PAYMENT_VERIFICATION: z
    .enum(['when-offered', 'required', 'off'])
    .default('when-offered')
    .describe(
      'captures of payments that were not started here: when-offered compares them with GetPayment if the payment service answers it, required parks them until it does, off believes the message',
    ),
  REFUND_WINDOW_DAYS: whole(14, 0, 3_650).describe('days in which a buyer may ask for a refund'),
  REFUND_APPROVAL: z
    .enum(['operator', 'automatic'])
    .default('operator')
    .describe("who approves a buyer's refund inside the window: operator, or automatic"),
  REFUND_FOUR_EYES: flag(false).describe('true: no refund is approved by the person, or operator, who asked for it'),
  REFUND_SETTLEMENT_HOURS: z.coerce
    .number()
    .positive()
    .max(10_000)
    .default(24)
    .describe('hours the payment service may take to answer a refund; then an operator is needed'),
  SESSION_HOLD_MINUTES: whole(10, 1, 100_000).describe('minutes a seat in a live session is held for its payment'),
  SESSION_CANCELLATION_HOURS: whole(24, 0, 100_000).describe(
    'hours before its session until which a seat may be cancelled by its attendee, and its money comes back',
  ),
  SESSION_CHECK_SECONDS: whole(300, 1, 86_400).describe(
    'seconds after which the session service is asked again about sessions with bookings or a line',
  ),
  FULFILMENT_RETRY_MINUTES: z
    .string()
    .default('1,5,15')
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.number().positive()).min(1))
    .describe('minutes after which a missing enrolment is asked for and announced again'),
  IDEMPOTENCY_HOURS: whole(48, 1, 10_000).describe('hours an idempotency key is remembered'),
  INBOX_DAYS: whole(14, 1, 3_650).describe('days the id of a message is remembered: a week longer than Kafka keeps it'),
  DEAD_LETTER_DAYS: whole(90, 1, 3_650).describe('days a dead letter is kept after it was replayed or discarded'),
});

/** The settings, checked. Absent optional ones are undefined. */
export type Config = Readonly<z.output<typeof settings>>;

/** A setting is missing or wrong. The message has one line a setting: its name, what was given, what is allowed. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads settings from environment variables; an empty variable counts as absent.
 * @throws ConfigError naming every wrong setting at once
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in settings.shape && value !== ''),
  );
  const result = settings.safeParse(given);
  if (result.success) {
    const { OPS_PORT: opsPort, HTTP_PORT: httpPort } = result.data;
    if (opsPort === httpPort && opsPort !== 0) throw new ConfigError(`OPS_PORT: given ${opsPort}; it is HTTP_PORT`);
    return Object.freeze(result.data);
  }
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `${name}: given ${shown(name, given[name])}; ${issue.message}`;
  });
  throw new ConfigError([...new Set(lines)].join('\n'));
}

function shown(name: string, value: string | undefined): string {
  return /SECRET|URL/.test(name) ? '(not shown)' : JSON.stringify(value);
}

const NEEDED = [
  'DATABASE_URL',
  'KAFKA_BROKERS',
  'REDIS_URL',
  'USER_SERVICE_GRPC',
  'COURSE_SERVICE_GRPC',
  'PAYMENT_SERVICE_GRPC',
  'ROUTER_SECRET',
] as const;

/** Settings that what ships can run with. */
export type ProductionConfig = Config & Required<Pick<Config, (typeof NEEDED)[number]>>;

/**
 * What ships runs only with real parts and its own secrets.
 * @throws ConfigError naming everything that is missing at once
 */
export function requireProductionSettings(config: Config): asserts config is ProductionConfig {
  const missing: string[] = NEEDED.filter((name) => config[name] === undefined);
  if (!config.JWKS_URL && !config.JWT_ACCESS_TOKEN_SECRET) missing.push('JWT_ACCESS_TOKEN_SECRET or JWKS_URL');
  const lines = missing.length ? [`missing: ${missing.join(', ')}`] : [];
  if (config.NODE_ENV === undefined || config.NODE_ENV === 'production') lines.push(...weakSecrets(config));
  if (lines.length) throw new ConfigError(lines.join('\n'));
}
