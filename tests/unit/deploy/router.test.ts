import { describe, expect, test } from '@jest/globals';
import { readYaml } from './files.js';

type Tree = { readonly [name: string]: Tree | undefined };

/** What Apollo Router 2.17 refuses to start with when it has no licence. */
const LICENSED = [
  'apq.router.cache.redis',
  'authentication.router',
  'authorization.directives',
  'batching',
  'preview_entity_cache.enabled',
  'response_cache.enabled',
  'persisted_queries',
  'subscription.enabled',
  'coprocessor',
  'supergraph.query_planning.cache.redis',
  'demand_control',
  'limits.router.max_depth',
  'limits.router.max_height',
  'limits.router.max_root_fields',
  'limits.router.max_aliases',
];

describe('router.yaml', () => {
  const router = readYaml<Tree>('router.yaml', { ROUTER_SECRET: 'the-secret-of-the-router' });
  const at = (path: string) => path.split('.').reduce<Tree | undefined>((tree, name) => tree?.[name], router);

  test.each(LICENSED)('does without %s', (path) => {
    expect(at(path)).toBeUndefined();
  });

  test('passes on who asks, and tells only the orders subgraph the secret', () => {
    const named = ['authorization', 'idempotency-key', 'x-correlation-id', 'traceparent'];
    expect(at('headers.all.request.operations')).toEqual(named.map((name) => ({ propagate: { named: name } })));
    expect(at('headers.subgraphs')).toEqual({
      orders: {
        request: { operations: [{ insert: { name: 'x-router-secret', value: 'the-secret-of-the-router' } }] },
      },
    });
  });

  test('lets the codes of errors through, and the messages of the orders subgraph', () => {
    expect(at('include_subgraph_errors')).toEqual({
      all: { redact_message: true, allow_extensions_keys: ['code'] },
      subgraphs: {
        orders: { redact_message: false, allow_extensions_keys: ['code', 'correlationId', 'retryAfterSeconds'] },
      },
    });
  });

  test('does not start without the secret', () => {
    expect(() => readYaml('router.yaml')).toThrow('ROUTER_SECRET is not set');
  });
});
