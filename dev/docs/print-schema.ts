import { readFileSync, writeFileSync } from 'node:fs';
import 'reflect-metadata';
import { ordersSubgraph } from '../../src/resolvers/index.js';

/** `npm run schema` writes schema.graphql; `-- --check` fails when it differs from the code. */
const file = new URL('../../schema.graphql', import.meta.url);
const { sdl } = ordersSubgraph();
if (process.argv.includes('--check')) {
  const committed = readFileSync(file, 'utf8');
  if (committed !== sdl) {
    process.stderr.write('schema.graphql differs from the code: run npm run schema\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, sdl);
}
