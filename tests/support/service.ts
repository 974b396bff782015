import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A service the tests use: where it is (as environment variables), how it was found, and how to end it. */
export interface Service {
  readonly env: Readonly<Record<string, string>>;
  /** For the reader of the test's output: what is used. */
  readonly how: string;
  stop(): Promise<void>;
}

/** A service cannot be had on this machine. The message says why. */
export class MissingService extends Error {
  override name = 'MissingService';
}

/** The first way that works. @throws MissingService with every way's reason */
export async function firstOf<T>(ways: readonly (() => Promise<T>)[]): Promise<T> {
  const reasons: string[] = [];
  for (const way of ways) {
    try {
      return await way();
    } catch (error) {
      if (!(error instanceof MissingService)) throw error;
      reasons.push(error.message);
    }
  }
  throw new MissingService(reasons.join('; '));
}

/** Where a program stands on PATH, undefined when it does not. */
export function onPath(program: string): string | undefined {
  const found = spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Runs a program to its end. @throws MissingService with the end of its output when it fails */
export function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => (output = `${output}${part}`.slice(-4000)));
    child.once('error', (error) => reject(new MissingService(`${program}: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new MissingService(`${program} ${args[0] ?? ''} failed: ${output.trim().split('\n').at(-1)}`));
    });
  });
}

/** Installs Debian packages, as root only. @throws MissingService */
export async function aptInstall(...packages: string[]): Promise<void> {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) throw new MissingService('no apt-get as root');
  process.stdout.write(`installing ${packages.join(' ')} …\n`);
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

const SETPRIV = '/usr/bin/setpriv';

/** A command whose process the kernel kills when this one dies, however it dies (Linux; elsewhere it is left as it is). */
export function dyingWithParent(program: string, args: readonly string[]): [string, string[]] {
  if (!existsSync(SETPRIV)) return [program, [...args]];
  return [SETPRIV, ['--pdeathsig', 'KILL', program, ...args]];
}

/** Runs a container until stop, with one port published on loopback. @throws MissingService */
export async function startContainer(
  image: string,
  ports: string,
  env: readonly string[] = [],
): Promise<() => Promise<void>> {
  if (!onPath('docker')) throw new MissingService('no docker');
  const settings = env.flatMap((setting) => ['--env', setting]);
  const id = (
    await run('docker', ['run', '--rm', '--detach', '--publish', `127.0.0.1:${ports}`, ...settings, image])
  ).trim();
  return async () => {
    await run('docker', ['rm', '--force', id.slice(-64)]);
  };
}
