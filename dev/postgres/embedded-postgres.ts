/**
 * A real PostgreSQL from npm for laptops and tests. The package's own class is not used: it cannot place its programs
 * where another account reaches them, and it ends the process on signals before the application has stopped.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../laptop/ports.js';
import { accountForPostgres } from './account.js';
import type { Account } from './account.js';
import { clusterOf, makeFolder, placeCluster, programsFor } from './folders.js';
import type { Programs } from './folders.js';
import { claimFolder } from './owner.js';
import { signal, untilGone } from './processes.js';
import { majorVersion, ServerStartError, startServer, stopOrphan, stopServer } from './server.js';

const USER = 'orders';
const DATABASE = 'postgres';
const START_TRIES = 50;

export interface PostgresOptions {
  /** Folder of the data, its password and its log; kept. */
  readonly dataDir: string;
  /** 0 or absent: a free port below 32768. */
  readonly port?: number;
  readonly log: (line: object) => void;
  /** Settings of postgresql.conf that win over the laptop's. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Linux: the kernel ends the server when this process dies, however it dies. For tests. */
  readonly endsWithParent?: boolean;
}

export interface EmbeddedPostgres {
  /** Connection URL of a superuser, with the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends the server cleanly; the data stays. */
  stop(): Promise<void>;
  /** Ends the server as a crash does (SIGKILL); the data stays. */
  kill(): Promise<void>;
}

/** The data was made by another major version of PostgreSQL, which this one cannot read. */
export class PostgresVersionError extends Error {
  override name = 'PostgresVersionError';
}

/**
 * Starts PostgreSQL on a folder, made when it is empty. A server that a killed process left behind there is stopped first.
 * @throws PostgresVersionError, ServerStartError, or Error when a living process uses the folder
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const account = accountForPostgres(clusterOf(dataDir), options.log);
  const programs = await programsFor(account);
  const cluster = placeCluster(dataDir, account);
  checkVersion(cluster, programs);
  const release = claimFolder(dataDir);
  try {
    await stopOrphan(cluster, options.log);
    const password = passwordIn(dataDir);
    if (!existsSync(join(cluster, 'PG_VERSION'))) createCluster(cluster, programs, account, password);
    const { pid, port } = await startOnPort({ ...options, dataDir }, { cluster, account, programs });
    return running({ pid, port, password, release });
  } catch (error) {
    release();
    throw error;
  }
}

/** Removes the data of a folder, also where it had to be put elsewhere. @throws Error when a living process uses it */
export async function removePostgres(dataDir: string, log: (line: object) => void): Promise<void> {
  if (!existsSync(dataDir)) return;
  const cluster = clusterOf(resolve(dataDir));
  const release = claimFolder(dataDir);
  try {
    await stopOrphan(cluster, log);
    rmSync(cluster, { recursive: true, force: true });
    rmSync(dataDir, { recursive: true, force: true });
  } finally {
    release();
  }
}

function checkVersion(cluster: string, programs: Programs): void {
  const file = join(cluster, 'PG_VERSION');
  if (!existsSync(file)) return;
  const [found, ours] = [readFileSync(file, 'utf8').trim(), String(majorVersion(programs.postgres))];
  if (found === ours) return;
  throw new PostgresVersionError(
    `${cluster} holds data of PostgreSQL ${found}, this is ${ours}: begin anew with --fresh, or name another DATA_DIR`,
  );
}

function passwordIn(dataDir: string): string {
  const file = join(dataDir, 'password');
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}

function createCluster(cluster: string, programs: Programs, account: Account, password: string): void {
  // Renamed when complete: a kill in the middle leaves no half cluster.
  const partial = `${cluster}.new`;
  makeFolder(partial, account);
  const secret = mkdtempSync(join(tmpdir(), 'orders-initdb-'));
  const file = join(secret, 'password');
  writeFileSync(file, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) {
    for (const path of [secret, file]) chownSync(path, account.uid, account.gid);
  }
  // The built-in locale exists on every machine, whatever its LANG is.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [`--pgdata=${partial}`, `--username=${USER}`, `--pwfile=${file}`, '--auth=scram-sha-256', ...locale];
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    const made = spawnSync(programs.initdb, args, { ...account, cwd: '/', env, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr.trim()}`);
    rmSync(cluster, { recursive: true, force: true });
    renameSync(partial, cluster);
  } finally {
    rmSync(secret, { recursive: true, force: true });
  }
}

async function startOnPort(
  options: PostgresOptions,
  place: { cluster: string; account: Account; programs: Programs },
): Promise<{ pid: number; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = options.port || (await freePort());
    try {
      const child = await startServer({
        ...place,
        program: place.programs.postgres,
        port,
        logFile: join(options.dataDir, 'postgres.log'),
        settings: options.settings,
        endsWithParent: options.endsWithParent,
      });
      child.unref();
      return { pid: child.pid as number, port };
    } catch (error) {
      if (tries === START_TRIES || !(error instanceof ServerStartError) || !passes(error, options.port)) throw error;
      await pause(100);
    }
  }
}

/** After a crash the old backends need a moment to notice; a port that was free may be taken by another in between. */
function passes(error: ServerStartError, namedPort: number | undefined): boolean {
  return /still in use/.test(error.message) || (!namedPort && /Address already in use/.test(error.message));
}

function running(server: { pid: number; port: number; password: string; release: () => void }): EmbeddedPostgres {
  const { pid, port, password, release } = server;
  const end = (stop: () => Promise<unknown>) => async () => {
    await stop();
    release();
  };
  return {
    url: `postgresql://${USER}:${password}@127.0.0.1:${port}/${DATABASE}`,
    port,
    pid,
    stop: end(() => stopServer(pid)),
    kill: end(() => {
      signal(pid, 'SIGKILL');
      return untilGone(pid, 5_000);
    }),
  };
}
