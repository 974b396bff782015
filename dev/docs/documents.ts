import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where a file of the project lies. */
export const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The text of a file of the project. */
export const readProject = (name: string): string => readFileSync(pathOf(name), 'utf8');

/**
 * Writes files that follow from the code; with `--check` it only looks, and the process fails when one differs.
 * @param command what writes them, for who has to be told
 */
export function keepFiles(texts: Readonly<Record<string, string>>, command: string): void {
  for (const [name, text] of Object.entries(texts)) {
    if (!process.argv.includes('--check')) writeFileSync(pathOf(name), text);
    else if (text !== textOf(name)) {
      process.stderr.write(`${name} differs from the code: run ${command}\n`);
      process.exitCode = 1;
    }
  }
}

function textOf(name: string): string | undefined {
  try {
    return readProject(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
