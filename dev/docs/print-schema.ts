import { transformSupergraphToPublicSchema } from '@theguild/federation-composition';
import { lexicographicSortSchema, buildASTSchema, parse, printSchema } from 'graphql';
import 'reflect-metadata';
import { ordersSubgraph } from '../../src/resolvers/index.js';
import { composeSupergraph } from '../gateway/compose.js';
import { subgraphSdl } from '../subgraphs/sdl.js';
import { keepFiles } from './documents.js';

/**
 * `npm run schema` writes schema.graphql, which is composed into the supergraph, and examples/graph.graphql, which clients of
 * the gateway see; `-- --check` fails when one differs from the code.
 */
const { sdl } = ordersSubgraph();
const texts = { 'schema.graphql': sdl, 'examples/graph.graphql': clientSchema() };

function clientSchema(): string {
  const subgraphs = { orders: sdl, ...subgraphSdl };
  const supergraph = composeSupergraph(
    Object.entries(subgraphs).map(([name, text]) => ({ name, url: `http://${name}.invalid`, sdl: text })),
  );
  const schema = buildASTSchema(transformSupergraphToPublicSchema(parse(supergraph)));
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

keepFiles(texts, 'npm run schema');
