import { readdir } from 'node:fs/promises';
import type { Fork } from './orm.js';
import { migrationsFolder } from './orm.js';

/** How long what was found is believed, ms: a schema changes seldom, but a database may be replaced by an older one. */
const BELIEVED_MS = 60_000;

/**
 * Checks that every migration this release needs has been applied. Those of a later release do no harm.
 * @returns true, or a sentence with the names of those that are missing
 */
export function missingMigrations(fork: Fork): () => Promise<true | string> {
  let foundAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() - foundAt < BELIEVED_MS) return true;
    const needed = await migrationNames();
    const applied = await fork().execute<{ name: string }[]>('select name from migrations');
    const has = new Set(applied.map(({ name }) => name));
    const missing = needed.filter((name) => !has.has(name));
    if (missing.length > 0) return `not applied: ${missing.join(', ')}`;
    foundAt = performance.now();
    return true;
  };
}

async function migrationNames(): Promise<string[]> {
  const files = await readdir(migrationsFolder);
  return files.flatMap((file) => /^(Migration\d+_\w+)\.(?:js|ts)$/.exec(file)?.[1] ?? []);
}
