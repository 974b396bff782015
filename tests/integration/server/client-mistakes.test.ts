import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { HttpServer } from '../../../src/server/http-server.js';
import { startBareServer } from './bare-server.js';
import { failingSchema } from './failing-schema.js';
import { askOnce, openSocket, type GraphAnswer } from './server-stand.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const TYPENAME = '{ __typename }';

let server: HttpServer;
const lines: string[] = [];
beforeAll(async () => {
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
  server = await startBareServer({ schema: failingSchema(), log });
});
afterAll(() => server.stop());

async function send(body: unknown, init: RequestInit = {}) {
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: JSON_TYPE,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...init,
  });
  const { errors } = (await answer.json()) as GraphAnswer;
  return {
    status: answer.status,
    allow: answer.headers.get('allow'),
    codes: errors?.map(({ extensions }) => extensions['code']),
  };
}

const persisted = (sha256Hash: unknown, version = 1) => ({ persistedQuery: { version, sha256Hash } });
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const TWO = 'query A { __typename } query B { __typename }';

describe('given a request that is not right, then it is answered as a mistake of the client', () => {
  test.each<[name: string, body: unknown, status: number, code: string]>([
    ['several operations, none named', { query: TWO }, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['several operations, a wrong name', { query: TWO, operationName: 'C' }, 400, 'OPERATION_RESOLUTION_FAILURE'],
    ['several operations, an empty name', { query: TWO, operationName: '' }, 400, 'OPERATION_RESOLUTION_FAILURE'],
    [
      'one operation, a wrong name',
      { query: 'query A { __typename }', operationName: 'B' },
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'one operation without a name, a name',
      { query: TYPENAME, operationName: 'A' },
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a name that is no text', { query: TYPENAME, operationName: 5 }, 400, 'BAD_REQUEST'],
    ['a subscription', { query: 'subscription { plain }' }, 400, 'BAD_REQUEST'],
    ['a hash of another text', { query: TYPENAME, extensions: persisted(hashOf('x')) }, 400, 'BAD_REQUEST'],
    ['a hash that is no text', { query: TYPENAME, extensions: persisted({}) }, 400, 'BAD_REQUEST'],
    ['another version of hashes', { extensions: persisted(hashOf('x'), 2) }, 400, 'BAD_REQUEST'],
    ['a persisted query that is no object', { extensions: { persistedQuery: 5 } }, 400, 'BAD_REQUEST'],
    ['a hash that is not known', { extensions: persisted(hashOf('x')) }, 200, 'PERSISTED_QUERY_NOT_FOUND'],
    ['no query', {}, 400, 'BAD_REQUEST'],
    ['an empty query', { query: '' }, 400, 'BAD_REQUEST'],
    ['variables that are a list', { query: TYPENAME, variables: [] }, 400, 'BAD_REQUEST'],
    ['a list of operations', [{ query: TYPENAME }], 400, 'BAD_REQUEST'],
    ['nothing', '', 400, 'BAD_REQUEST'],
    ['no JSON', '{', 400, 'BAD_REQUEST'],
  ])('%s', async (_name, body, status, code) => {
    lines.length = 0;
    expect(await send(body)).toEqual({ status, allow: null, codes: [code] });
    expect(lines).toEqual([]);
  });

  test.each([
    'text/plain',
    'text/xml',
    'application/graphql',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'x',
  ])('a body of type %s', async (type) => {
    const answer = await send({ query: TYPENAME }, { headers: { 'content-type': type } });
    expect([400, 415]).toContain(answer.status);
    expect(answer.codes).toEqual(['BAD_REQUEST']);
  });

  test.each(['PUT', 'PATCH', 'DELETE'])('the method %s, whatever its body', async (method) => {
    for (const headers of [JSON_TYPE, { 'content-type': 'text/xml' }]) {
      const answer = await send({ query: TYPENAME }, { method, headers });
      expect(answer).toEqual({ status: 405, allow: 'GET, POST, OPTIONS', codes: ['BAD_REQUEST'] });
    }
  });

  test.each([
    ['/nothing', 404, 'NOT_FOUND'],
    ['/%ff', 400, 'BAD_REQUEST'],
  ])('the URL %s', async (path, status, code) => {
    const answer = await fetch(`${server.url}${path}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });
});

describe('given the same mistake over a WebSocket', () => {
  test.each<[name: string, query: string, operationName: string | undefined]>([
    ['several operations, none named', TWO, undefined],
    ['several operations, a wrong name', TWO, 'C'],
    ['one operation, an empty name', 'query A { __typename }', ''],
  ])('%s, then the code is the same', async (_name, query, operationName) => {
    const client = openSocket(`${server.url}/graphql`, {});
    const answer = await new Promise<GraphAnswer>((resolve, reject) => {
      client.subscribe(
        { query, ...(operationName === undefined ? {} : { operationName }) },
        {
          next: (next) => resolve(next as GraphAnswer),
          error: (errors) => (Array.isArray(errors) ? resolve({ errors }) : reject(errors as Error)),
          complete: () => undefined,
        },
      );
    });
    expect(answer.errors?.map(({ extensions }) => extensions['code'])).toEqual(['OPERATION_RESOLUTION_FAILURE']);
    expect(await askOnce(client, TYPENAME)).toEqual({ data: { __typename: 'Query' } });
    await client.dispose();
  });
});
