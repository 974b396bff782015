// Composes the subgraphs that supergraph.yaml names into one supergraph, as `rover supergraph compose` does, but offline.
// The argument names the file to write; without one it is printed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { readSupergraphConfig } from './supergraph-config.js';

const root = join(import.meta.dirname, '../..');
const subgraphs = readSupergraphConfig(readFileSync(join(root, 'supergraph.yaml'), 'utf8'), root);
const result = composeServices(subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
if (result.errors) {
  for (const { message } of result.errors) console.error(message);
  process.exit(1);
}
const supergraph = `${result.supergraphSdl.trim()}\n`;
const file = process.argv[2];
if (file) writeFileSync(file, supergraph);
else process.stdout.write(supergraph);
