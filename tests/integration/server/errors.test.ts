import { createHash, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { correlationId } from '../../../src/observability/correlation.js';
import type { HttpServer } from '../../../src/server/http-server.js';
import { eventually } from '../../support/eventually.js';
import { startBareServer } from './bare-server.js';
import { failingSchema, failures } from './failing-schema.js';
import { askOnce, openSocket, type GraphAnswer } from './server-stand.js';

type Errors = NonNullable<GraphAnswer['errors']>;
type LogLine = Readonly<{ level: number; msg: string; correlationId?: string }>;
interface Delivered {
  readonly id: string;
  readonly action: string;
  readonly payload?: GraphAnswer;
  readonly errors?: Errors;
}
interface Operation {
  readonly query: string;
  readonly variables?: object;
  readonly operationName?: string;
}

let server: HttpServer;
let router: FastifyInstance;
let routerUrl: string;
const lines: LogLine[] = [];
const delivered = new Map<string, Delivered[]>();

beforeAll(async () => {
  router = Fastify();
  router.post('/callback/:id', async ({ body }, reply) => {
    const message = body as Delivered;
    delivered.set(message.id, [...(delivered.get(message.id) ?? []), message]);
    return reply.code(204).send();
  });
  await router.listen({ host: '127.0.0.1', port: 0 });
  routerUrl = `http://127.0.0.1:${(router.server.address() as AddressInfo).port}/callback`;
  const mixin = () => ({ correlationId: correlationId() });
  const log = pino({ level: 'warn', mixin }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  server = await startBareServer({ schema: failingSchema(), settings: { SUBSCRIPTION_CALLBACK_URLS: routerUrl }, log });
}, 60_000);
afterAll(async () => {
  await server.stop();
  await router.close();
});

async function post(body: object, id: string): Promise<GraphAnswer> {
  const headers = { 'content-type': 'application/json', 'x-correlation-id': id };
  const answer = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as GraphAnswer;
}

async function persisted(operation: Operation, id: string): Promise<GraphAnswer> {
  const sha256Hash = createHash('sha256').update(operation.query).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  const { query: _query, ...rest } = operation;
  await post({ ...operation, extensions }, 'before');
  return post({ ...rest, extensions }, id);
}

async function socket({ query, variables }: Operation, id: string): Promise<GraphAnswer> {
  const client = openSocket(`${server.url}/graphql`, { 'x-correlation-id': id });
  return askOnce(client, query, variables).finally(() => client.dispose());
}

async function calledBack({ query, variables }: Operation, id: string): Promise<GraphAnswer> {
  const subscription = { callbackUrl: `${routerUrl}/${id}`, subscriptionId: id, verifier: 'v', heartbeatIntervalMs: 0 };
  const answer = await post({ query, variables, extensions: { subscription } }, id);
  if (answer.errors) return answer;
  await eventually(() => delivered.get(id)?.at(-1)?.action === 'complete');
  const [, first] = delivered.get(id) ?? [];
  return first?.payload ?? (first?.errors ? { errors: first.errors } : {});
}

/** A text that was never asked: nothing of it is remembered. */
const fresh = (query: string) => `${query}\n# ${randomUUID()}`;

async function repeated({ query, ...rest }: Operation, id: string): Promise<GraphAnswer> {
  const text = fresh(query);
  for (let i = 0; i < 3; i++) await post({ query: text, ...rest }, 'before');
  return post({ query: text, ...rest }, id);
}

const DIRECT_WAYS: Readonly<Record<string, (operation: Operation, id: string) => Promise<GraphAnswer>>> = {
  'asked first': ({ query, ...rest }, id) => post({ query: fresh(query), ...rest }, id),
  'asked again': repeated,
  'asked over a WebSocket': ({ query, ...rest }, id) => socket({ query: fresh(query), ...rest }, id),
};
const WAYS: typeof DIRECT_WAYS = {
  ...DIRECT_WAYS,
  'asked by its hash': ({ query, ...rest }, id) => persisted({ query: fresh(query), ...rest }, id),
};

/** An answer, and what the log has of its correlation id; the id and the order of errors do not count. */
async function outcome(ask: (operation: Operation, id: string) => Promise<GraphAnswer>, operation: Operation) {
  const id = randomUUID();
  const { data, errors = [] } = await ask(operation, id);
  const logged = lines.filter((line) => line.correlationId === id).map(({ level, msg }) => ({ level, msg }));
  return { data, errors: sorted(errors, id), logged };
}

function sorted(errors: Errors, id: string) {
  return errors
    .map((error) => JSON.parse(JSON.stringify(error).replaceAll(id, 'its correlation id')))
    .sort((a, b) => JSON.stringify(a.path ?? []).localeCompare(JSON.stringify(b.path ?? [])));
}

const OPERATIONS: readonly [name: string, operation: Operation][] = [
  ...failures.map((name): [string, Operation] => [
    `the field ${name}`,
    { query: `{ ${name}${name === 'ofNoType' ? ' { id }' : ''} }` },
  ]),
  ...failures.map((name): [string, Operation] => [
    `the field ${name} of a list of entities`,
    {
      query: `query ($of: [Strict!]!) { _entities(representations: $of) { ... on Thing { id inner { id ${name}${name === 'ofNoType' ? ' { id }' : ''} } } } }`,
      variables: { of: [{ __typename: 'Thing' }] },
    },
  ]),
  ['a mutation', { query: 'mutation { plain forbidden passing }' }],
  ['errors of several fields', { query: '{ a: plain thing { id b: passing inner { late } } c: forbidden }' }],
  ['a list whose items must be there', { query: '{ strictThings { id missing } }' }],
  ['a fragment over lines', { query: '{ thing {\n ...T\n } }\nfragment T on Thing {\n  id\r\n  plain }' }],
  ['a variable that is missing', { query: 'query ($text: String!) { echo(text: $text) }' }],
  ['a variable of another type', { query: 'query ($n: Int) { echo(text: "", number: $n) }', variables: { n: 'x' } }],
  [
    'a null where none may be',
    { query: 'query ($text: String = "") { echo(text: $text) }', variables: { text: null } },
  ],
  ['a value that a scalar refuses', { query: 'query ($v: Strict) { strict(value: $v) }', variables: { v: 'refused' } }],
  ['a value that breaks a scalar', { query: 'query ($v: Strict) { strict(value: $v) }', variables: { v: 'broken' } }],
];

/** Refused before they are executed; their texts are never kept by their hash. */
const REFUSED: readonly [name: string, operation: Operation][] = [
  ['a field that is unknown', { query: '{ nobody }' }],
  ['a text that is no GraphQL', { query: '{ a' }],
  ['several operations without a name', { query: 'query A { plain } query B { plain }' }],
];

describe.each([...OPERATIONS, ...REFUSED])('given %s', (name, operation) => {
  test('then its errors are the same whichever way it is asked, and are logged once', async () => {
    const isExecuted = OPERATIONS.some(([known]) => known === name);
    const outcomes = await Promise.all(
      Object.entries(isExecuted ? WAYS : DIRECT_WAYS).map(
        async ([way, ask]) => [way, await outcome(ask, operation)] as const,
      ),
    );
    const [[, first]] = outcomes as [(typeof outcomes)[0]];
    expect(first.errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(first)).not.toContain('secret-detail');
    for (const { code, correlationId: id } of first.errors.map(({ extensions }) => extensions)) {
      expect(typeof code).toBe('string');
      expect(id).toBe(code === 'INTERNAL_SERVER_ERROR' ? 'its correlation id' : undefined);
    }
    const counted = first.errors.filter(
      ({ message }) =>
        message === 'Something went wrong; the error was logged.' || /cannot be answered now/.test(message),
    );
    expect(first.logged).toHaveLength(counted.length);
    expect(Object.fromEntries(outcomes)).toEqual(Object.fromEntries(outcomes.map(([way]) => [way, first])));
  });
});

describe.each(failures)('given a subscription whose field %s fails', (name) => {
  test('then the error of an event is the same over a WebSocket and called back, and is logged once', async () => {
    const query = `subscription { ${name}${name === 'ofNoType' ? ' { id }' : ''} }`;
    const over = await outcome(socket, { query });
    const back = await outcome(calledBack, { query });
    expect(over.errors).toHaveLength(1);
    expect(JSON.stringify(over)).not.toContain('secret-detail');
    expect(back).toEqual(over);
  });
});

describe('given a context that cannot be made', () => {
  test.each([
    ['broken', 'INTERNAL_SERVER_ERROR', 1],
    ['unavailable', 'SERVICE_UNAVAILABLE', 1],
    ['refused', 'UNAUTHENTICATED', 0],
  ])('because it is %s, then that is answered alike over HTTP and WebSocket', async (authorization, code, count) => {
    for (const way of ['HTTP', 'WebSocket']) {
      const id = randomUUID();
      const carried = { authorization, 'x-correlation-id': id };
      const answer =
        way === 'HTTP'
          ? await fetch(`${server.url}/graphql`, {
              method: 'POST',
              headers: { 'content-type': 'application/json', ...carried },
              body: '{"query":"{ echo(text: \\"\\") }"}',
            }).then(async (response) => (await response.json()) as GraphAnswer)
          : await askOnce(openSocket(`${server.url}/graphql`, carried), '{ echo(text: "") }');
      expect(answer.errors?.map(({ extensions }) => extensions['code'])).toEqual([code]);
      expect(JSON.stringify(answer)).not.toContain('secret-detail');
      expect(lines.filter((line) => line.correlationId === id)).toHaveLength(count);
    }
  });
});
