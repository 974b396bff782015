import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateOperations } from './generate-operations.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['examples/graph.graphql', 'examples/codegen.ts', 'examples/web/*.*', 'examples/web/src/**/*.*'];
const STAMP = '.built-from';
const run = promisify(execFile);

/** Where the built page lies. */
export const SHOP_FOLDER = join(ROOT, 'examples/web/dist');

/** Builds the web page when something that it is made of has changed. @returns whether it did. @throws Error with what the tools say */
export async function buildShop(): Promise<boolean> {
  const wanted = fingerprint();
  if (stampOf(SHOP_FOLDER) === wanted) return false;
  await generateOperations();
  const fresh = `${SHOP_FOLDER}.${process.pid}`;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const page = join(ROOT, 'examples/web');
  await run(process.execPath, [vite, 'build', page, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn']);
  writeFileSync(join(fresh, STAMP), wanted);
  rmSync(SHOP_FOLDER, { recursive: true, force: true });
  renameSync(fresh, SHOP_FOLDER);
  return true;
}

/** Of everything that the page is made of, but what is generated from it. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync(SOURCES, { cwd: ROOT, exclude: ['examples/web/src/generated/**'] }).sort();
  for (const file of [...files, 'package-lock.json']) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function stampOf(folder: string): string | undefined {
  const file = join(folder, STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
