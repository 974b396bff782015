import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { buildSchema, type GraphQLSchema } from 'graphql';
import pg from 'pg';
import { loadConfig } from '../../../src/config.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { openOrm, type PoolState } from '../../../src/persistence/orm.js';
import type { Context } from '../../../src/schema/context.js';
import { startHttpServer, type HttpServer } from '../../../src/server/http-server.js';
import { eventually } from '../../support/eventually.js';
import { testLog } from '../../support/log.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { askOnce, httpDoor, openSocket } from './server-stand.js';

/** Longer than any wait of the tests: what is not cancelled is found by its name. */
const SLEEP = 'select pg_sleep(25)';
/** What a mutation reads before it begins to write, and between its writes. */
const READ = 'select pg_sleep(0.5)';
const WITHIN = 'select pg_sleep(0.6)';
const TIMEOUT_MS = 400;
const LATE = {
  message: 'This took too long; please try again.',
  extensions: { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 5 },
};

let database: TestDatabase;
let outside: pg.Pool;
let orm: MikroORM;
let pool: PoolState;
const servers: HttpServer[] = [];

beforeAll(async () => {
  database = await createDatabase();
  outside = new pg.Pool({ connectionString: database.url, max: 2 });
  await outside.query('create table written (what text)');
  orm = await openOrm({
    url: database.url,
    poolMax: 4,
    statementTimeout: 30_000,
    lockTimeout: 20_000,
    onPool: (state) => (pool = state),
  });
}, 60_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await orm.close();
  await outside.end();
  await database.drop();
}, 30_000);

const activities = async (sql: string): Promise<{ pid: number }[]> =>
  (await outside.query(`select pid from pg_stat_activity where state = 'active' and query = $1`, [sql])).rows;
const running = async (sql: string): Promise<number> => (await activities(sql)).length;
const written = async (what: string): Promise<number> =>
  (await outside.query('select 1 from written where what = $1', [what])).rows.length;

function schemaOfWaits(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { sleep: Int, stuck: Int, soon: Int, touch(what: String!): Int }
    type Mutation { write(what: String!): Int }`);
  const resolvers = {
    sleep: () => orm.em.fork().execute(SLEEP),
    stuck: () => new Promise(() => undefined),
    soon: async () => (await orm.em.fork().execute('select 1 as one')).length,
    touch: (_root: unknown, { what }: { what: string }) =>
      orm.em.fork().execute(`insert into written select '${what}' from pg_sleep(0.6)`),
    write: async (_root: unknown, { what }: { what: string }) => {
      await orm.em.fork().execute(READ);
      await orm.em.fork().transactional(async (em) => {
        await em.execute(WITHIN);
        await em.execute(`insert into written values ('${what}')`);
        await em.execute(WITHIN);
      });
      return 1;
    },
  };
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const [name, field] of Object.entries(type?.getFields() ?? {})) {
      if (name in resolvers) field.resolve = resolvers[name as keyof typeof resolvers];
    }
  }
  return schema;
}

/** A server whose operations take as long as a test wants. */
async function serve(timeoutMs: number): Promise<string> {
  const server = await startHttpServer({
    config: loadConfig({
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: '0',
      REQUEST_TIMEOUT_MS: String(timeoutMs),
      RATE_LIMIT: 'off',
    }),
    schema: schemaOfWaits(),
    contextOf: async (_carried, correlationId) =>
      ({ identity: { is: 'anonymous' }, correlationId }) as unknown as Context,
    health: { current: () => ({ ready: true, status: 'healthy', parts: {}, problems: {} }) },
    metrics: createMetrics(),
    isPassing: () => false,
    log: testLog(),
  });
  servers.push(server);
  return `${server.url}/graphql`;
}

describe.each(['HTTP', 'WebSocket'] as const)('given a request whose time is up, over %s', (door) => {
  let url: string;
  const ask = async (query: string) => {
    if (door === 'HTTP') return httpDoor(url).ask(query);
    const client = openSocket(url, {});
    return askOnce(client, query).finally(() => client.dispose());
  };
  beforeAll(async () => void (url = await serve(TIMEOUT_MS)));

  test('then it is answered with SERVICE_UNAVAILABLE, and its statement is cancelled at the server', async () => {
    const answer = ask('{ sleep }');
    await eventually(async () => (await running(SLEEP)) === 1);
    expect(await answer).toEqual({ errors: [LATE] });
    await eventually(async () => (await running(SLEEP)) === 0);
  });

  test('then the connection of the cancelled statement is closed, so that the cancelling hits nobody else', async () => {
    const answer = ask('{ sleep }');
    const [active] = await eventually(
      () => activities(SLEEP),
      (found) => found.length === 1,
    );
    await answer;
    await eventually(
      async () => (await outside.query('select 1 from pg_stat_activity where pid = $1', [active?.pid])).rowCount === 0,
    );
    expect(await ask('{ soon }')).toEqual({ data: { soon: 1 } });
  });

  test('then what waits for something else is answered alike', async () => {
    expect(await ask('{ stuck }')).toEqual({ errors: [LATE] });
  });

  test('then a query that writes on the way does write', async () => {
    const what = `touched over ${door}`;
    expect(await ask(`{ touch(what: "${what}") }`)).toEqual({ errors: [LATE] });
    await eventually(async () => (await written(what)) === 1);
  });

  test('then a mutation runs to its end', async () => {
    const what = `late over ${door}`;
    expect(await ask(`mutation { write(what: "${what}") }`)).toEqual({ errors: [LATE] });
    await eventually(async () => (await written(what)) === 1);
  });
});

describe('given a caller who hangs up', () => {
  let url: string;
  beforeAll(async () => void (url = await serve(20_000)));

  test('over HTTP, then its statement is cancelled at the server', async () => {
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query: '{ sleep }' });
    const answer = fetch(url, { method: 'POST', headers, body, signal: leaving.signal });
    await eventually(async () => (await running(SLEEP)) === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow(/abort/);
    await eventually(async () => (await running(SLEEP)) === 0);
  });

  test('over a WebSocket, then its statement is cancelled at the server', async () => {
    const client = openSocket(url, {});
    const answer = askOnce(client, '{ sleep }').catch((reason: unknown) => reason);
    await eventually(async () => (await running(SLEEP)) === 1);
    client.terminate();
    await answer;
    await eventually(async () => (await running(SLEEP)) === 0);
  });

  test.each([
    ['reads for its write', READ],
    ['writes', WITHIN],
  ])('over HTTP while a mutation %s, then it is written', async (_name, statement) => {
    const what = `hung up during ${statement}`;
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query: `mutation { write(what: "${what}") }` });
    const answer = fetch(url, { method: 'POST', headers, body, signal: leaving.signal });
    await eventually(async () => (await running(statement)) === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow(/abort/);
    await eventually(async () => (await written(what)) === 1);
  });

  test('over a WebSocket while a mutation reads for its write, then it is written', async () => {
    const client = openSocket(url, {});
    const answer = askOnce(client, 'mutation { write(what: "left") }').catch((reason: unknown) => reason);
    await eventually(async () => (await running(READ)) === 1);
    client.terminate();
    await answer;
    await eventually(async () => (await written('left')) === 1);
  });
});

describe('given a request that is answered in time', () => {
  test('then nothing is cancelled when its time would be up', async () => {
    const door = httpDoor(await serve(TIMEOUT_MS));
    expect(await door.ask('{ soon }')).toEqual({ data: { soon: 1 } });
    const before = pool.totalCount;
    // Ends when a time has passed that began later.
    expect(await door.ask('{ stuck }')).toEqual({ errors: [LATE] });
    expect([pool.totalCount, pool.idleCount]).toEqual([before, before]);
    expect(await door.ask('{ soon }')).toEqual({ data: { soon: 1 } });
  });
});
