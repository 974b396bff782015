import { afterEach, describe, expect, test } from '@jest/globals';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { startBareServer } from './bare-server.js';

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { name: { type: GraphQLString } } }),
});
const PATHS = ['/healthz', '/ready', '/metrics'];
let server: Awaited<ReturnType<typeof startBareServer>>;
afterEach(() => server.stop());

const statusesAt = (url: string) => Promise.all(PATHS.map(async (path) => (await fetch(`${url}${path}`)).status));

describe('health and metrics', () => {
  test('given no port of their own, then they are where the graph is', async () => {
    server = await startBareServer({ schema });
    expect(server.operationsUrl).toBe(server.url);
    expect(await statusesAt(server.url)).toEqual([200, 200, 200]);
  });

  test('given a port of their own, then they are there alone, and the graph is not', async () => {
    server = await startBareServer({ schema, settings: { OPS_PORT: '0' } });
    expect(server.operationsUrl).not.toBe(server.url);
    expect(await statusesAt(server.operationsUrl)).toEqual([200, 200, 200]);
    expect(await statusesAt(server.url)).toEqual([404, 404, 404]);
    const graph = await fetch(`${server.operationsUrl}/graphql?query=%7B__typename%7D`);
    expect(graph.status).toBe(404);
  });
});
