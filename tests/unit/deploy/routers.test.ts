import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readSupergraphConfig } from '../../../dev/compose/supergraph-config.js';
import { readText, readYaml, root } from './files.js';

const SECRET = 'the-secret-of-the-router';
const PASSED = ['authorization', 'idempotency-key', 'x-correlation-id', 'traceparent'];
const subgraphs = readSupergraphConfig(readText('supergraph.yaml'), root);

describe('deploy/routers/hive', () => {
  const load = async () => {
    process.env['ROUTER_SECRET'] = SECRET;
    const { gatewayConfig } = await import('../../../deploy/routers/hive/gateway.config.js');
    return gatewayConfig;
  };

  test('passes on who asks, and tells only the orders subgraph the secret', async () => {
    const { propagateHeaders } = await load();
    const given = Object.fromEntries([...PASSED, 'x-router-secret', 'cookie'].map((name) => [name, `a ${name}`]));
    const request = new Request('http://127.0.0.1/', { headers: given });
    const passed = Object.fromEntries(PASSED.map((name) => [name, `a ${name}`]));
    const to = (subgraphName: string) => propagateHeaders.fromClientToSubgraphs({ request, context: {}, subgraphName });
    expect(to('orders')).toEqual({ ...passed, 'x-router-secret': SECRET });
    for (const name of ['users', 'courses', 'sessions']) expect(to(name)).toEqual(passed);
  });

  test('passes on what a WebSocket said in connection_init, in any case', async () => {
    const { propagateHeaders } = await load();
    const context = { connectionParams: { AUTHORIZATION: 'Bearer x', cookie: 'y', Traceparent: 1 } };
    const request = new Request('http://127.0.0.1/');
    const passed = propagateHeaders.fromClientToSubgraphs({ request, context, subgraphName: 'users' });
    expect(Object.entries(passed).filter(([, value]) => value !== null)).toEqual([['authorization', 'Bearer x']]);
  });

  test('has the address of each subgraph', async () => {
    const { transportEntries } = await load();
    const addresses = Object.entries(transportEntries).map(([name, { location }]) => [name, location]);
    expect(Object.fromEntries(addresses)).toEqual(Object.fromEntries(subgraphs.map(({ name, url }) => [name, url])));
  });

  test('subscribes at the orders subgraph with the token of connection_init and the secret', async () => {
    const { subscriptions } = (await load()).transportEntries.orders.options;
    expect(subscriptions).toMatchObject({ kind: 'ws', location: '/graphql' });
    expect(subscriptions.options.connectionParams).toEqual({
      Authorization: '{context.connectionParams.Authorization}',
      'x-router-secret': SECRET,
    });
  });
});

interface CosmoGraph {
  readonly subgraphs: readonly {
    readonly name: string;
    readonly routing_url: string;
    readonly schema: { readonly file: string };
    readonly subscription?: object;
  }[];
}

interface CosmoConfig {
  readonly headers: {
    readonly all: { readonly request: readonly { op: string; named: string }[] };
    readonly subgraphs: object;
  };
  readonly subgraph_error_propagation: object;
}

describe('deploy/routers/cosmo', () => {
  test('composes the subgraphs of supergraph.yaml', () => {
    const graph = parse(readText('deploy/routers/cosmo/graph.yaml')) as CosmoGraph;
    const named = graph.subgraphs.map(({ name, routing_url: url, schema }) => ({
      name,
      url,
      sdl: readText(join('deploy/routers/cosmo', schema.file)),
    }));
    expect(named).toEqual(subgraphs);
    const streaming = graph.subgraphs.filter(({ subscription }) => subscription);
    expect(streaming.map(({ name, subscription }) => [name, subscription])).toEqual([
      [
        'orders',
        { url: 'http://127.0.0.1:4001/graphql', protocol: 'ws', websocketSubprotocol: 'graphql-transport-ws' },
      ],
    ]);
  });

  test('passes on who asks, tells only the orders subgraph the secret, and lets the codes of errors through', () => {
    const env = { ROUTER_SECRET: SECRET, ROUTER_LISTEN: 'l', EXECUTION_CONFIG: 'e', CORS_ORIGIN: 'c' };
    const config = readYaml<CosmoConfig>('deploy/routers/cosmo/config.yaml', env);
    const { all, subgraphs: own } = config.headers;
    expect(all.request.map(({ op, named }) => [op, named.toLowerCase()])).toEqual(
      PASSED.map((one) => ['propagate', one]),
    );
    expect(own).toEqual({ orders: { request: [{ op: 'set', name: 'X-Router-Secret', value: SECRET }] } });
    expect(config.subgraph_error_propagation).toMatchObject({
      mode: 'pass-through',
      omit_extensions: false,
      allowed_extension_fields: ['code', 'correlationId', 'retryAfterSeconds'],
    });
  });
});
