import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '../../support/eventually.js';

const START_MS = 60_000;

/** `npm start` in a process of its own. */
export interface LaptopProcess {
  /** What it has printed so far. */
  output(): string;
  /** The address that a line of its table names. */
  place(what: string): string;
  untilReady(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Waits for its end. @returns the exit code and how long it took from now, ms */
  ended(): Promise<{ code: number | null; ms: number }>;
}

// The embedded parts, whatever services the other tests use.
const FREE_PORTS = ['GATEWAY', 'HTTP', 'USERS', 'COURSES', 'SESSIONS', 'DEV', 'GRPC'].map((name) => [
  `${name}_PORT`,
  '0',
]);

export function startLaptopProcess(env: Readonly<Record<string, string>>, ...flags: string[]): LaptopProcess {
  const child: ChildProcess = spawn(process.execPath, ['dev/run.mjs', 'dev/start.ts', ...flags], {
    env: { ...process.env, NODE_ENV: '', ...Object.fromEntries(FREE_PORTS), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (output += part));
  const exit = once(child, 'close') as Promise<[number | null]>;
  const untilReady = async () => {
    await eventually(() => /^ready$/m.test(output) || child.exitCode !== null, Boolean, { limitMs: START_MS });
    if (!/^ready$/m.test(output)) throw new Error(`the laptop did not start:\n${output}`);
  };
  return {
    output: () => output,
    place: (what) => {
      const line = output.split('\n').find((text) => text.startsWith(what)) ?? '';
      return line.slice(what.length).trim().split(/\s+/)[0] ?? '';
    },
    untilReady,
    signal: (name) => void child.kill(name),
    ended: async () => {
      const since = Date.now();
      const [code] = await exit;
      return { code, ms: Date.now() - since };
    },
  };
}
