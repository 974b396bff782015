import { readdir } from 'node:fs/promises';
import { migrationsFolder, type Fork } from './orm.js';

const INSUFFICIENT_PRIVILEGE = '42501';
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
    const [needed, applied] = await Promise.all([migrationNames(), appliedNames(fork)]);
    const missing = applied ? needed.filter((name) => !applied.has(name)) : [];
    if (missing.length > 0) return `not applied: ${missing.join(', ')}`;
    foundAt = performance.now();
    return true;
  };
}

/** Undefined where the service's role may not read the table: then whoever migrates has to know. */
async function appliedNames(fork: Fork): Promise<ReadonlySet<string> | undefined> {
  try {
    const rows = await fork().execute<{ name: string }[]>('select name from migrations');
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if ((error as { code?: string }).code === INSUFFICIENT_PRIVILEGE) return undefined;
    throw error;
  }
}

async function migrationNames(): Promise<string[]> {
  const files = await readdir(migrationsFolder);
  return files.flatMap((file) => /^(Migration\d+_\w+)\.(?:js|ts)$/.exec(file)?.[1] ?? []);
}
