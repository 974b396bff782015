// What `npm run build` runs: compiles what ships. src/ goes to dist/, migrations/ to dist/migrations/, source maps beside.
// The argument names another folder than dist/.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { transformFile } from '@swc/core';

const root = dirname(import.meta.dirname);
const dist = resolve(root, process.argv[2] ?? 'dist');
const SOURCES = [
  { from: join(root, 'src'), to: dist },
  { from: join(root, 'migrations'), to: join(dist, 'migrations') },
];

/** Compiles one file; stack traces then name the source, as it is seen from the compiled file. */
async function compile(source: string, target: string): Promise<void> {
  const sourceFileName = relative(dirname(target), source);
  const { code, map } = await transformFile(source, { sourceMaps: true, sourceFileName });
  if (map === undefined) throw new Error(`no source map for ${source}`);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, `${code}//# sourceMappingURL=${basename(target)}.map\n`);
  await writeFile(`${target}.map`, map);
}

async function compileAll(from: string, to: string): Promise<number> {
  const files = (await readdir(from, { recursive: true })).filter((file) => file.endsWith('.ts'));
  await Promise.all(files.map((file) => compile(join(from, file), join(to, file.replace(/\.ts$/, '.js')))));
  return files.length;
}

// What a renamed or deleted source left behind must not ship.
await rm(dist, { recursive: true, force: true });
const counts = await Promise.all(SOURCES.map(({ from, to }) => compileAll(from, to)));
console.log(`${dist}: ${counts.reduce((sum, count) => sum + count)} files`);
