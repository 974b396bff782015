import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '../../support/eventually.js';
import { ROUTER_SECRET } from './secrets.js';

/** One process of what ships, as an operator would run it. */
export interface Replica {
  readonly url: string;
  readonly grpcPort: string;
  /** True while the process of the last start lives. */
  isAlive(): boolean;
  /** What `/ready` says. @throws Error when nothing answers */
  readiness(): Promise<Readiness>;
  /** The value of a metric, summed over its labels. */
  metric(name: string): Promise<number>;
  /** Lines that it has logged as errors since its last start. */
  errors(): readonly string[];
  /** SIGKILL, then the same again. @returns when it is ready again */
  killAndRestart(): Promise<void>;
  kill(): Promise<void>;
  /** SIGTERM. @returns the exit code; null where a signal ended it, or it had ended before */
  stop(): Promise<number | null>;
}

export interface Readiness {
  readonly code: number;
  readonly parts: Readonly<Record<string, string>>;
}

const READY_MS = 60_000;
const KEPT_OUTPUT = 20_000;

/** Starts the service with these settings. @returns when it is ready */
export async function runReplica(env: NodeJS.ProcessEnv): Promise<Replica> {
  const url = `http://127.0.0.1:${env.HTTP_PORT}`;
  let child: ChildProcess | undefined;
  const readiness = async () => {
    const answer = await fetch(`${url}/ready`);
    return { code: answer.status, parts: (await answer.json()) as Record<string, string> };
  };
  const start = async () => {
    child = spawnService(env);
    await untilReady(child, readiness);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  await start();
  return {
    url,
    grpcPort: env.GRPC_PORT ?? '',
    readiness,
    errors: () => (child && errorLines.get(child)) ?? [],
    isAlive: () => child?.exitCode === null && child.signalCode === null,
    metric: async (name) => sumOf(name, await (await fetch(`${url}/metrics`)).text()),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    killAndRestart: async () => {
      await end('SIGKILL');
      await start();
    },
  };
}

const outputs = new WeakMap<ChildProcess, string>();

/** Lines of the level `error` and above. */
const errorLines = new WeakMap<ChildProcess, string[]>();
const ERROR = /^\{"level":[5-9]\d,/;

function keepErrors(child: ChildProcess): void {
  const lines: string[] = [];
  errorLines.set(child, lines);
  if (!child.stdout) return;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (ERROR.test(line)) lines.push(line);
  });
}

function spawnService(env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, ['dev/run.mjs', 'src/main.ts'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => outputs.set(child, ((outputs.get(child) ?? '') + String(part)).slice(-KEPT_OUTPUT)));
  keepErrors(child);
  return child;
}

async function untilReady(child: ChildProcess, readiness: () => Promise<Readiness>): Promise<void> {
  await eventually(async () => child.exitCode !== null || (await readiness()).code === 200, Boolean, {
    limitMs: READY_MS,
    everyMs: 50,
  });
  if (child.exitCode !== null) throw new Error(`the service did not start:\n${outputs.get(child)}`);
}

function sumOf(name: string, text: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Asks a replica as the router does. */
export async function askReplica(
  { url }: Replica,
  token: string,
  query: string,
  variables: object = {},
): Promise<{ data: never; errors?: unknown }> {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    'x-router-secret': ROUTER_SECRET,
  };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return (await answer.json()) as { data: never };
}
