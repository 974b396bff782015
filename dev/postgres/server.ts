import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './account.js';
import { commandOf, signal, untilGone } from './processes.js';

const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  shared_buffers: '128MB',
  max_connections: '200',
  // One machine, no replicas: the log holds what crash recovery needs and no more.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};
const READY_MS = 30_000;
const SETPRIV = '/usr/bin/setpriv';

export interface ServerOptions {
  readonly program: string;
  readonly cluster: string;
  readonly port: number;
  readonly account: Account;
  /** Where the server's own messages go; begun anew. */
  readonly logFile: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Linux: the kernel ends the server when this process dies, however it dies. */
  readonly endsWithParent?: boolean;
}

/** The server did not get ready; the message holds the end of its log. */
export class ServerStartError extends Error {
  override name = 'ServerStartError';
}

function spawnServer(options: ServerOptions): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const args = ['-D', options.cluster, '-p', String(options.port), ...settings];
  const log = openSync(options.logFile, 'w', 0o600);
  // A session of its own: Ctrl-C in the terminal must reach it through stop(), after those that still use it.
  const how: SpawnOptions = { ...options.account, cwd: '/', detached: true, stdio: ['ignore', log, log] };
  const env = { ...process.env, LC_ALL: 'C' };
  const [program, all] =
    options.endsWithParent && existsSync(SETPRIV)
      ? [SETPRIV, ['--pdeathsig', 'QUIT', options.program, ...args]]
      : [options.program, args];
  const child = spawn(program, all, { ...how, env });
  closeSync(log);
  return child;
}

/** Starts the server and resolves when it accepts connections. @throws ServerStartError */
export async function startServer(options: ServerOptions): Promise<ChildProcess> {
  const child = spawnServer(options);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code, name) => (failure = `ended with ${code ?? name}`));
  const until = Date.now() + READY_MS;
  while (!failure && Date.now() < until) {
    if (child.pid !== undefined && isReady(options.cluster, child.pid)) return child;
    await pause(10);
  }
  child.kill('SIGKILL');
  const log = readFileSync(options.logFile, 'utf8').trim().slice(-1000);
  throw new ServerStartError(`PostgreSQL did not start (${failure ?? `not ready in ${READY_MS} ms`}): ${log}`);
}

interface LockFile {
  readonly pid: number;
  readonly status: string | undefined;
}

function readLockFile(cluster: string): LockFile | undefined {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  return { pid: Number(lines[0]), status: lines[7]?.trim() };
}

function isReady(cluster: string, pid: number): boolean {
  const lock = readLockFile(cluster);
  return lock?.pid === pid && lock.status === 'ready';
}

/** Ends a server: clients are cut off, data is flushed. When it does not end within 8 s it is killed; its log replays. */
export async function stopServer(pid: number): Promise<void> {
  signal(pid, 'SIGINT');
  if (await untilGone(pid, 8_000)) return;
  signal(pid, 'SIGQUIT');
  if (await untilGone(pid, 6_000)) return;
  signal(pid, 'SIGKILL');
  await untilGone(pid, 2_000);
}

/**
 * Stops the server that a killed process left behind on a cluster, and removes its lock file when its process id now
 * belongs to something else.
 */
export async function stopOrphan(cluster: string, log: (line: object) => void): Promise<void> {
  const lock = readLockFile(cluster);
  if (!lock) return;
  const command = Number.isInteger(lock.pid) && lock.pid > 0 ? commandOf(lock.pid) : undefined;
  if (command?.includes('postgres') && command.includes(`-D ${cluster}`)) {
    log({ level: 'warn', msg: `stopping a PostgreSQL that an earlier start left behind (process ${lock.pid})` });
    await stopServer(lock.pid);
  } else {
    log({ level: 'info', msg: `removing the lock of a PostgreSQL that is gone (process ${lock.pid})` });
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
  }
}

/** The major version of a server program, such as 18. */
export function majorVersion(program: string): number {
  const printed = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const major = /(\d+)/.exec(printed.stdout ?? '')?.[1];
  if (!major) throw new Error(`${program} does not run: ${printed.error?.message ?? printed.stderr}`);
  return Number(major);
}
