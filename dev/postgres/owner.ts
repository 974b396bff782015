import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOf } from './processes.js';

interface Owner {
  pid: number;
  start: string;
}

function readOwner(file: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Owner;
  } catch (error) {
    // A kill in the middle of writing leaves half a file: nobody owns the data then.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes this process the only one that runs PostgreSQL on a data folder. The claim of a process that was killed is void.
 * @returns a function that gives the folder free
 * @throws Error when a living process owns the folder
 */
export function claimFolder(folder: string): () => void {
  const file = join(folder, 'owner.json');
  const owner = readOwner(file);
  if (owner && startOf(owner.pid) === owner.start) {
    throw new Error(`${folder} is in use by process ${owner.pid}: stop it first, or name another folder (DATA_DIR)`);
  }
  writeFileSync(file, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  return () => rmSync(file, { force: true });
}
