import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import type { Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { startGateway } from '../../../dev/gateway/start-gateway.js';
import type { Gateway } from '../../../dev/gateway/start-gateway.js';
import { hasChromium, launchOfflineChromium } from '../../support/chromium.js';
import { testLog } from '../../support/log.js';
import { startEchoSubgraph } from './echo-subgraph.js';
import type { EchoSubgraph } from './echo-subgraph.js';

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const BOTH = `query ($name: String!) { leftHeader(name: $name) rightHeader(name: $name) }`;

describe('the gateway', () => {
  let subgraphs: EchoSubgraph[];
  let gateway: Gateway;
  beforeAll(async () => {
    subgraphs = await Promise.all(['left', 'right'].map(startEchoSubgraph));
    const log = testLog();
    const explorerTabs = async () => [{ query: '{ leftFails }' }];
    gateway = await startGateway({ port: 0, subgraphs, explorerTabs, log: (line) => log.info(line) });
  });
  afterAll(async () => {
    await gateway.stop();
    await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
  });

  const ask = async (query: string, variables: object, headers: Record<string, string> = {}) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return { response, body: (await response.json()) as { data: Record<string, string>; errors?: unknown[] } };
  };
  const collect = async (client: Client, query: string, variables: Record<string, unknown>) => {
    const seen: unknown[] = [];
    for await (const { data, errors } of client.iterate({ query, variables })) seen.push(errors ?? data);
    return seen;
  };
  const socket = (connectionParams: Record<string, unknown>) =>
    createClient({
      url: gateway.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams,
      retryAttempts: 0,
    });

  test.each(['authorization', 'idempotency-key', 'x-correlation-id', 'traceparent'])(
    'passes %s on to every subgraph, and no other header',
    async (name) => {
      const { body } = await ask(BOTH, { name }, { [name]: 'given', 'x-user-id': 'forged' });
      expect(body.data).toEqual({ leftHeader: 'given', rightHeader: 'given' });
      const forged = await ask(BOTH, { name: 'x-user-id' }, { 'x-user-id': 'forged' });
      expect(forged.body.data).toEqual({ leftHeader: null, rightHeader: null });
    },
  );

  test('makes a correlation id when there is none, one for all subgraphs, and answers it', async () => {
    const { body, response } = await ask(BOTH, { name: 'x-correlation-id' });
    expect(body.data.leftHeader).toMatch(UUID);
    expect(body.data.rightHeader).toBe(body.data.leftHeader);
    expect(response.headers.get('x-correlation-id')).toBe(body.data.leftHeader);
  });

  test('a failing field of one subgraph leaves the others', async () => {
    const { body } = await ask('query ($name: String!) { leftFails rightHeader(name: $name) }', { name: 'accept' });
    expect(body.data.leftFails).toBeNull();
    expect(body.data.rightHeader).toBeTruthy();
    expect(body.errors).toHaveLength(1);
  });

  test.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'streams with the token of connection_init (%s)',
    async (key) => {
      const client = socket({ [key]: `Bearer ${key}` });
      const seen = await collect(client, 'subscription { rightTicks(count: 2) }', {});
      expect(seen).toEqual([{ rightTicks: `0 Bearer ${key}` }, { rightTicks: `1 Bearer ${key}` }]);
      const query = await collect(client, BOTH, { name: 'authorization' });
      expect(query).toEqual([{ leftHeader: `Bearer ${key}`, rightHeader: `Bearer ${key}` }]);
      await client.dispose();
    },
  );

  test('without a token a stream starts too: the subgraph decides', async () => {
    const client = socket({});
    const seen = (await collect(client, 'subscription { leftTicks(count: 1) }', {})) as { leftTicks: string }[];
    expect(seen[0]?.leftTicks.trim()).toMatch(/^0( undefined)?$/);
    await client.dispose();
  });

  test('streams over server-sent events with the header of the request', async () => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: 'Bearer sse' },
      body: JSON.stringify({ query: 'subscription { leftTicks(count: 1) }' }),
    });
    expect(await response.text()).toContain('0 Bearer sse');
  });

  test('a port in use is an error, and nothing stays behind', async () => {
    const port = Number(new URL(gateway.url).port);
    await expect(startGateway({ port, subgraphs, log: () => undefined })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port,
    });
  });

  test('subgraphs that do not fit together are an error with the reason', async () => {
    const [left] = subgraphs as [EchoSubgraph];
    const other = { ...left, name: 'other', sdl: 'type Query { leftHeader(name: Int!): Int }' };
    await expect(startGateway({ port: 0, subgraphs: [left, other], log: () => undefined })).rejects.toThrow(
      /do not compose[^]*leftHeader/,
    );
  });

  (hasChromium() ? test : test.skip)(
    'the explorer loads and runs an operation while no other host exists',
    async () => {
      const browser = await launchOfflineChromium();
      try {
        const page = await browser.newPage();
        const outside: string[] = [];
        const errors: string[] = [];
        page.on('request', (request) => {
          if (!/^(blob|data):/.test(request.url()) && new URL(request.url()).origin !== new URL(gateway.url).origin)
            outside.push(request.url());
        });
        page.on('pageerror', (error) => errors.push(error.message));
        await page.goto(gateway.url);
        await page.locator('.graphiql-execute-button').click();
        await page.locator('.result-window').getByText('refused').waitFor();
        expect({ outside, errors }).toEqual({ outside: [], errors: [] });
      } finally {
        await browser.close();
      }
    },
    60_000,
  );
});
