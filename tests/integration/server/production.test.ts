import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { askOnce, openSocket, startServer, type GraphAnswer, type ServerStand } from './server-stand.js';

const SECRET = 'the-secret-of-the-router';
const ROUTER = { 'x-router-secret': SECRET };
const ORIGIN = 'https://edulearn.example';
const JSON_TYPE = { 'content-type': 'application/json' };

let stand: ServerStand;
beforeAll(
  async () =>
    void (stand = await startServer({
      NODE_ENV: 'production',
      ROUTER_SECRET: SECRET,
      JWT_ACCESS_TOKEN_SECRET: 'a-secret-of-production-alone',
      BODY_LIMIT_KB: '16',
    })),
  60_000,
);
afterAll(() => stand.stop(), 30_000);

const askAt = async (headers: Record<string, string>, body: object): Promise<GraphAnswer & { status: number }> => {
  const answer = await stand.post(JSON.stringify(body), headers);
  return { status: answer.status, ...((await answer.json()) as GraphAnswer) };
};
const overSocket = async (query: string) => {
  const client = openSocket(stand.url, ROUTER);
  return askOnce(client, query).finally(() => client.dispose());
};
const codesOf = ({ errors }: GraphAnswer) => errors?.map(({ extensions }) => extensions['code']);

describe('given production, over HTTP and WebSocket', () => {
  const doors = [
    ['HTTP', (query: string) => askAt(ROUTER, { query })],
    ['WebSocket', overSocket],
  ] as const;

  test.each(doors)('introspection is refused over %s', async (_name, ask) => {
    const { errors } = await ask(getIntrospectionQuery());
    expect(errors?.every(({ extensions }) => extensions['code'] === 'GRAPHQL_VALIDATION_FAILED')).toBe(true);
    expect(errors?.length).toBeGreaterThan(0);
  });

  test.each(doors)('no name of the schema is suggested over %s', async (_name, ask) => {
    const unknown = await ask('{ myOrder { id } }');
    expect(unknown.errors?.map(({ message }) => message)).toEqual(['Cannot query field "myOrder" on type "Query".']);
    const enumValue = await ask('mutation { startPayment(input: { orderId: "1", provider: STRIP }) { __typename } }');
    expect(enumValue.errors?.map(({ message }) => message)).toEqual([
      'Value "STRIP" does not exist in "CheckoutProvider" enum.',
    ]);
  });

  test.each(doors)('a defect shows neither stack nor SQL over %s', async (_name, ask) => {
    const answer = await ask('{ order(id: "\\u0000") { id } orderByNumber(number: "\\u0000") { id } }');
    expect(JSON.stringify(answer)).not.toMatch(/select|stack|at .*\.ts|node_modules/i);
  });
});

describe('given production, over HTTP', () => {
  test('there is no Sandbox', async () => {
    const page = await fetch(stand.url, { headers: { accept: 'text/html', ...ROUTER } });
    expect([page.status, (await page.text()).includes('<')]).toEqual([400, false]);
  });

  test('who is not the router is refused', async () => {
    expect(await askAt({}, { query: '{ __typename }' })).toMatchObject({
      status: 403,
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await askAt({ 'x-router-secret': `${SECRET}x` }, { query: '{ __typename }' })).toMatchObject({
      status: 403,
    });
    expect(await askAt(ROUTER, { query: '{ __typename }' })).toEqual({ status: 200, data: { __typename: 'Query' } });
  });

  test('a query that any web page could send is refused', async () => {
    const answer = await fetch(`${stand.url}?query=%7B__typename%7D`, { headers: ROUTER });
    expect([answer.status, codesOf((await answer.json()) as GraphAnswer)]).toEqual([400, ['BAD_REQUEST']]);
  });

  test('a mutation by GET is refused', async () => {
    const query = encodeURIComponent('mutation { cancelOrder(input: { orderId: "1" }) { __typename } }');
    const answer = await fetch(`${stand.url}?query=${query}`, { headers: { ...ROUTER, ...JSON_TYPE } });
    expect([answer.status, codesOf((await answer.json()) as GraphAnswer)]).toEqual([405, ['BAD_REQUEST']]);
  });

  test('several operations in one request are refused', async () => {
    const one = { query: '{ __typename }' };
    expect(await askAt(ROUTER, [one, one])).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
  });

  test('a persisted query is asked for once, then known by its hash', async () => {
    const query = '{ persisted: __typename }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    expect(codesOf(await askAt(ROUTER, { extensions }))).toEqual(['PERSISTED_QUERY_NOT_FOUND']);
    const known = { status: 200, data: { persisted: 'Query' } };
    expect(await askAt(ROUTER, { query, extensions })).toEqual(known);
    expect(await askAt(ROUTER, { extensions })).toEqual(known);
  });

  test('a body may be 16 KiB, and no longer', async () => {
    const bodyOf = (length: number) => {
      const bare = JSON.stringify({ query: '{ __typename }', extensions: { filler: '' } });
      return bare.replace('"filler":""', `"filler":"${'x'.repeat(length - bare.length)}"`);
    };
    expect((await stand.post(bodyOf(16 * 1_024), ROUTER)).status).toBe(200);
    const refused = await stand.post(bodyOf(16 * 1_024 + 1), ROUTER);
    expect([refused.status, codesOf((await refused.json()) as GraphAnswer)]).toEqual([413, ['BAD_REQUEST']]);
  });

  test.each([
    ['no JSON', '{', JSON_TYPE, 400],
    ['nothing', '', JSON_TYPE, 400],
    ['another type', '<query/>', { 'content-type': 'text/xml' }, 415],
    ['JSON that is no request', '"text"', JSON_TYPE, 400],
    ['no query', '{}', JSON_TYPE, 400],
  ])('a body with %s is BAD_REQUEST', async (_name, body, headers, status) => {
    const answer = await stand.post(body, { ...headers, ...ROUTER });
    expect([answer.status, codesOf((await answer.json()) as GraphAnswer)]).toEqual([status, ['BAD_REQUEST']]);
  });

  test('no web page of another origin may read answers', async () => {
    const answer = await stand.post(JSON.stringify({ query: '{ __typename }' }), { ...ROUTER, origin: ORIGIN });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('given origins of web pages', () => {
  const allowed = async (settings: Record<string, string>, origin: string): Promise<string | null> => {
    const server = await startServer(settings);
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const answer = await fetch(server.url, { method: 'OPTIONS', headers });
    await server.stop();
    return answer.headers.get('access-control-allow-origin');
  };

  test('pages of those that CORS_ORIGINS names may call, others not', async () => {
    const settings = { NODE_ENV: 'production', CORS_ORIGINS: `${ORIGIN},https://other.example` };
    expect(await allowed(settings, ORIGIN)).toBe(ORIGIN);
    expect(await allowed(settings, 'https://evil.example')).toBeNull();
  });

  test('without the setting pages of this machine may call while it is developed', async () => {
    expect(await allowed({}, 'http://127.0.0.1:4000')).toBe('http://127.0.0.1:4000');
    expect(await allowed({}, ORIGIN)).toBeNull();
  });
});
