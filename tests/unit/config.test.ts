import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ConfigError, LAPTOP_JWT_SECRET, loadConfig, requireProductionSettings } from '../../src/config.js';
import { PRINTED_SECRETS, settingsWarnings } from '../../src/secrets.js';

const REAL = {
  DATABASE_URL: 'postgres://orders:secret@db:5432/orders',
  KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092',
  REDIS_URL: 'redis://redis:6379',
  USER_SERVICE_GRPC: 'user:50051',
  COURSE_SERVICE_GRPC: 'course:50052',
  PAYMENT_SERVICE_GRPC: 'payment:50053',
  JWT_ACCESS_TOKEN_SECRET: 'a secret of this site',
  ROUTER_SECRET: 'another secret of this site, long enough',
};

/** The lines of the error; fails when there is none. */
function complaints(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split('\n');
  }
  throw new Error('no error');
}

describe('reading settings', () => {
  test('nothing is needed: every setting has a default or may be absent', () => {
    expect(loadConfig({})).toMatchObject({ HTTP_PORT: 3000, GRPC_PORT: 50_054, CART_LIMIT: 50, DB_POOL_MAX: 16 });
    expect(loadConfig({}).DATABASE_URL).toBeUndefined();
  });

  test('text becomes numbers, lists and truth values', () => {
    const config = loadConfig({
      ...REAL,
      HTTP_PORT: '8080',
      GRPC_TRUST_NETWORK: 'true',
      FULFILMENT_RETRY_MINUTES: '0.05,2',
    });
    expect(config).toMatchObject({
      HTTP_PORT: 8080,
      GRPC_TRUST_NETWORK: true,
      KAFKA_BROKERS: ['kafka-1:9092', 'kafka-2:9092'],
      FULFILMENT_RETRY_MINUTES: [0.05, 2],
    });
  });

  test('an empty variable counts as absent; others than settings are no concern', () => {
    expect(loadConfig({ HTTP_PORT: '', DATABASE_URL: '', PATH: '/bin' })).toEqual(loadConfig({}));
  });

  test('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });
});

describe('wrong values', () => {
  test.each([
    ['HTTP_PORT', '70000'],
    ['HTTP_PORT', 'http'],
    ['HTTP_PORT', '80.5'],
    ['LOG_LEVEL', 'loud'],
    ['NODE_ENV', 'staging'],
    ['DB_POOL_MAX', '0'],
    ['USER_SERVICE_GRPC', 'user'],
    ['COURSE_SERVICE_GRPC', 'http://course:1'],
    ['PAYMENT_CONTRACT', 'v3'],
    ['GRPC_TRUST_NETWORK', 'yes'],
    ['KAFKA_BROKERS', 'a:1,,b:2'],
    ['CART_LIMIT', '-1'],
    ['FULFILMENT_RETRY_MINUTES', '1,x'],
    ['FULFILMENT_RETRY_MINUTES', '1,0'],
    ['IDEMPOTENCY_HOURS', '0'],
  ])('%s=%s: its name, what was given, what is allowed', (name, value) => {
    const [line, ...others] = complaints(() => loadConfig({ [name]: value }));
    expect(others).toEqual([]);
    expect(line).toMatch(new RegExp(`^${name}: given ${JSON.stringify(value)}; .{5,}`));
  });

  test.each(['DATABASE_URL', 'REDIS_URL', 'JWKS_URL', 'JWT_ACCESS_TOKEN_SECRET', 'ROUTER_SECRET'])(
    '%s may hold a secret, so what was given is not shown',
    (name) => {
      const lines = complaints(() => loadConfig({ [name]: 'hunter2' }));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`^${name}: given \\(not shown\\); `));
      expect(lines.join()).not.toContain('hunter2');
    },
  );

  test('OPS_PORT cannot be HTTP_PORT, whichever of them is given', () => {
    const complaint = (env: NodeJS.ProcessEnv) => complaints(() => loadConfig(env));
    expect(complaint({ OPS_PORT: '3000' })).toEqual(['OPS_PORT: given 3000; it is HTTP_PORT']);
    expect(complaint({ OPS_PORT: '8080', HTTP_PORT: '8080' })).toEqual(['OPS_PORT: given 8080; it is HTTP_PORT']);
    // Zero is any free port.
    expect(loadConfig({ OPS_PORT: '0', HTTP_PORT: '0' })).toMatchObject({ OPS_PORT: 0, HTTP_PORT: 0 });
  });

  test('all are named at once', () => {
    const lines = complaints(() =>
      loadConfig({ HTTP_PORT: 'x', LOG_LEVEL: 'loud', CART_LIMIT: '0', REDIS_URL: 'ftp://x' }),
    );
    expect(lines.map((line) => line.split(':')[0]).sort()).toEqual([
      'CART_LIMIT',
      'HTTP_PORT',
      'LOG_LEVEL',
      'REDIS_URL',
    ]);
  });
});

describe('what ships', () => {
  test('starts with real parts and its own secrets', () => {
    expect(() => requireProductionSettings(loadConfig(REAL))).not.toThrow();
  });

  test('a key set stands for the shared secret; the session service may be absent', () => {
    const { JWT_ACCESS_TOKEN_SECRET: _, ...rest } = REAL;
    expect(() =>
      requireProductionSettings(loadConfig({ ...rest, JWKS_URL: 'https://auth.example/jwks' })),
    ).not.toThrow();
  });

  test('names everything that is missing at once', () => {
    expect(complaints(() => requireProductionSettings(loadConfig({})))).toEqual([
      'missing: DATABASE_URL, KAFKA_BROKERS, REDIS_URL, USER_SERVICE_GRPC, COURSE_SERVICE_GRPC, ' +
        'PAYMENT_SERVICE_GRPC, ROUTER_SECRET, JWT_ACCESS_TOKEN_SECRET or JWKS_URL',
    ]);
  });

  test.each(Object.keys(REAL))('does not start without %s', (name) => {
    const lines = complaints(() => requireProductionSettings(loadConfig({ ...REAL, [name]: undefined })));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(name);
  });

  test('refuses the laptop’s secret, beside what is missing', () => {
    const env = { ...REAL, JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET, REDIS_URL: undefined };
    expect(complaints(() => requireProductionSettings(loadConfig(env)))).toEqual([
      'missing: REDIS_URL',
      'JWT_ACCESS_TOKEN_SECRET: is printed in the repository of this service',
    ]);
  });

  test.each([
    ['a short secret of the router', { ROUTER_SECRET: 'x1'.repeat(15) }, 'ROUTER_SECRET: has fewer than 32 characters'],
    ['a repeated character', { ROUTER_SECRET: '7'.repeat(64) }, 'ROUTER_SECRET: is one repeated character'],
    [
      'a repeated emoji',
      { JWT_ACCESS_TOKEN_SECRET: '🔑'.repeat(20) },
      'JWT_ACCESS_TOKEN_SECRET: is one repeated character',
    ],
    [
      'the password of docker-compose.yml',
      { DATABASE_URL: 'postgres://orders:compose-development-password@db:5432/orders' },
      'the password in DATABASE_URL: is printed in the repository of this service',
    ],
    [
      'a repeated character as password',
      { REDIS_URL: 'rediss://:aaaa@redis:6379' },
      'the password in REDIS_URL: is one repeated character',
    ],
    [
      'a repeated character for the brokers',
      { KAFKA_SASL_PASSWORD: '0000' },
      'KAFKA_SASL_PASSWORD: is one repeated character',
    ],
  ])('refuses %s, also where NODE_ENV is absent, and takes it in development', (_, changes, line) => {
    const env = { ...REAL, ...changes };
    for (const NODE_ENV of [undefined, 'production'])
      expect(complaints(() => requireProductionSettings(loadConfig({ ...env, NODE_ENV })))).toEqual([line]);
    expect(() => requireProductionSettings(loadConfig({ ...env, NODE_ENV: 'development' }))).not.toThrow();
  });

  test('warns of a token secret that can be guessed: the platform may have such a one', () => {
    expect(settingsWarnings(loadConfig(REAL))).toEqual([expect.stringContaining('JWT_ACCESS_TOKEN_SECRET')]);
    expect(settingsWarnings(loadConfig({ JWT_ACCESS_TOKEN_SECRET: 'x1'.repeat(16) }))).toEqual([]);
  });

  test('knows every secret that this repository prints outside of its tests', () => {
    const files = execFileSync('git', ['ls-files', '--', '*.yml', '*.yaml', '*.md', 'src', 'dev', 'deploy', 'examples'])
      .toString()
      .trim()
      .split('\n');
    const printed = files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const secrets = text.matchAll(/(?:SECRET|PASSWORD)\b[^\n]{0,4}(?:=|:-|:) ?['"]?([a-z][\w-]{15,})/g);
      return [...secrets].map(([, secret = '']) => secret);
    });
    expect(printed.length).toBeGreaterThanOrEqual(4);
    expect([...new Set(printed)].filter((secret) => !PRINTED_SECRETS.has(secret))).toEqual([]);
  });
});
