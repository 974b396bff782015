import { composeServices as composeApollo } from '@apollo/composition';
import { expect, test } from '@jest/globals';
import { composeServices as composeGuild } from '@theguild/federation-composition';
import { federateSubgraphs, LATEST_ROUTER_COMPATIBILITY_VERSION } from '@wundergraph/composition';
import { buildSchema, parse } from 'graphql';
import { readSupergraphConfig } from '../../../dev/compose/supergraph-config.js';
import { readText, readYaml, root } from './files.js';

const subgraphs = readSupergraphConfig(readText('supergraph.yaml'), root);
const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));

test.each([
  ['Apollo', composeApollo],
  ['The Guild', composeGuild],
] as const)("supergraph.yaml composes with %s's composition", (_whose, compose) => {
  const { errors, supergraphSdl } = compose(services);
  expect((errors ?? []).map(({ message }) => message)).toEqual([]);
  const query =
    buildSchema(supergraphSdl ?? '', { assumeValidSDL: true })
      .getQueryType()
      ?.getFields() ?? {};
  expect(Object.keys(query)).toEqual(expect.arrayContaining(['order', 'me', 'courses', 'upcomingSessions']));
});

test("supergraph.yaml composes with Cosmo's composition", () => {
  const result = federateSubgraphs({
    subgraphs: services.map(({ typeDefs: definitions, ...subgraph }) => ({ ...subgraph, definitions })),
    version: LATEST_ROUTER_COMPATIBILITY_VERSION,
  });
  expect(result.success ? [] : result.errors.map(({ message }) => message)).toEqual([]);
});

test('the router has an address for each subgraph', () => {
  const router = readYaml<{ override_subgraph_url: Record<string, string> }>('router.yaml', { ROUTER_SECRET: 'any' });
  expect(router.override_subgraph_url).toEqual(Object.fromEntries(subgraphs.map(({ name, url }) => [name, url])));
});
