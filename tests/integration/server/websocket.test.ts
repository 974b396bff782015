import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CloseCode } from 'graphql-ws';
import WebSocket from 'ws';
import { signToken } from '../../../dev/sample/sign-token.js';
import { eventually } from '../../support/eventually.js';
import { idOf } from '../../support/ids.js';
import { askOnce, openSocket, startServer, type ServerStand } from './server-stand.js';

const SECRET = 'the-secret-of-the-router';
const MINE = '{ myOrders { nodes { id } } }';
const EMPTY = { data: { myOrders: { nodes: [] } } };
const UNAUTHENTICATED = { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] };

let stand: ServerStand;
beforeAll(async () => void (stand = await startServer({ BODY_LIMIT_KB: '16' })), 60_000);
afterAll(() => stand.stop(), 30_000);

describe('given a client of graphql-ws', () => {
  test.each([
    ['lazy', true],
    ['eager', false],
  ])('a %s one connects, asks twice over one connection, and leaves', async (_name, lazy) => {
    let [opened, closed] = [0, 0];
    const on = { connected: () => void opened++, closed: () => void closed++ };
    const authorization = `Bearer ${await stand.tokenOf(idOf('asha'))}`;
    const client = openSocket(stand.url, { authorization }, { lazy, lazyCloseTimeout: 5_000, on });
    await eventually(() => opened === (lazy ? 0 : 1));
    expect([await askOnce(client, MINE), await askOnce(client, MINE)]).toEqual([EMPTY, EMPTY]);
    expect([opened, closed]).toEqual([1, 0]);
    await client.dispose();
    await eventually(() => closed === 1);
  });

  test('without a token it may ask what anybody may', async () => {
    const client = openSocket(stand.url, {});
    expect(await askOnce(client, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    expect(await askOnce(client, MINE)).toMatchObject(UNAUTHENTICATED);
    await client.dispose();
  });

  test.each([
    ['of another secret', () => signToken({ userId: idOf('asha'), roles: [], ttlSeconds: 60, secret: 'x'.repeat(32) })],
    ['that is none', async () => 'no.token.here'],
  ])('with a token %s it is told so where the token matters', async (_name, token) => {
    const client = openSocket(stand.url, { Authorization: `Bearer ${await token()}` });
    expect(await askOnce(client, MINE)).toMatchObject(UNAUTHENTICATED);
    expect(await askOnce(client, MINE)).toMatchObject(UNAUTHENTICATED);
    await client.dispose();
  });

  test.each([
    ['no GraphQL', '{ a', 'GRAPHQL_PARSE_FAILED'],
    ['no field of the schema', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'several operations without a name',
      'query A { __typename } query B { __typename }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a variable of another kind', 'query ($n: Int!) { myOrders(first: $n) { nodes { id } } }', 'BAD_USER_INPUT'],
  ])('%s is answered with its code, and the connection goes on', async (_name, query, code) => {
    const client = openSocket(stand.url, {}, { lazyCloseTimeout: 5_000 });
    expect((await askOnce(client, query)).errors?.map(({ extensions }) => extensions['code'])).toEqual([code]);
    expect(await askOnce(client, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    await client.dispose();
  });
});

describe('given a bare socket', () => {
  const open = async () => {
    const socket = new WebSocket(stand.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    return socket;
  };
  const closeOf = async (socket: WebSocket) => ((await once(socket, 'close')) as [number])[0];

  test('that says nothing, then it is closed', async () => {
    expect(await closeOf(await open())).toBe(CloseCode.ConnectionInitialisationTimeout);
  }, 15_000);

  test('that asks before it says who it is, then it is closed', async () => {
    const socket = await open();
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' } }));
    expect(await closeOf(socket)).toBe(CloseCode.Unauthorized);
  });

  test.each([
    ['that is no message of the protocol', 'hello', CloseCode.BadRequest],
    ['above the limit of 16 KiB', 'x'.repeat(16 * 1_024 + 1), 1009],
  ])('that sends something %s, then it is closed', async (_name, message, code) => {
    const socket = await open();
    socket.send(message);
    expect(await closeOf(socket)).toBe(code);
  });
});

describe('given a secret of the router', () => {
  let guarded: ServerStand;
  beforeAll(async () => void (guarded = await startServer({ ROUTER_SECRET: SECRET })), 60_000);
  afterAll(() => guarded.stop(), 30_000);

  test('then who knows it may ask, anybody else is refused at the door', async () => {
    const router = openSocket(guarded.url, { 'x-router-secret': SECRET });
    expect(await askOnce(router, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    await router.dispose();
    for (const parameters of [{}, { 'x-router-secret': `${SECRET}x` }]) {
      const refused = askOnce(openSocket(guarded.url, parameters), '{ __typename }');
      await expect(refused).rejects.toMatchObject({ code: CloseCode.Forbidden });
    }
  });
});
