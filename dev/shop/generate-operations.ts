import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the types of the examples' operations. @throws Error with what is wrong about an operation */
export async function generateOperations(): Promise<void> {
  const codegen = join(ROOT, 'node_modules/.bin/graphql-codegen');
  await promisify(execFile)(codegen, ['--config', 'examples/codegen.ts'], { cwd: ROOT });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await generateOperations();
