// `npm run contract` makes today's schema what clients are promised; it refuses a breaking change unless `-- --breaking` says
// that it is wanted. `-- --check` only says what the schema breaks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { breachesOf, contractOf } from './contract.js';

const file = join(import.meta.dirname, 'graph.graphql');
const sdl = readFileSync(join(import.meta.dirname, '../../schema.graphql'), 'utf8');
const breaches = await breachesOf(readFileSync(file, 'utf8'), sdl);
for (const breach of breaches) console.error(breach);
if (breaches.length > 0 && !process.argv.includes('--breaking')) {
  console.error(`${breaches.length} changes break what clients are promised: tests/contract/README.md`);
  process.exitCode = 1;
} else if (!process.argv.includes('--check')) {
  writeFileSync(file, await format(contractOf(sdl), { parser: 'graphql', printWidth: 120 }));
}
