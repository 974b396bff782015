import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Router } from '../../e2e/support/product.js';
import { eventually } from '../../support/eventually.js';
import { dyingWithParent } from '../../support/service.js';

const START_MS = 60_000;
const KEPT_OUTPUT = 20_000;

/** How a router's program is started. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of its GraphQL endpoint. */
  readonly url: string;
}

/** Starts a router in a process of its own. @returns when it answers @throws Error with its output when it does not */
export async function runRouter({ program, args, env, url }: Command): Promise<Router> {
  const child = spawn(...dyingWithParent(program, args), {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => (output = `${output}${part}`.slice(-KEPT_OUTPUT)));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  try {
    await eventually(async () => hasEnded() || (await answers(url)), Boolean, { limitMs: START_MS, everyMs: 100 });
    if (hasEnded()) throw new Error('it has ended');
  } catch (cause) {
    await end(child);
    throw new Error(`${program} did not start:\n${output}`, { cause });
  }
  return { url, stop: () => end(child) };
}

async function answers(url: string): Promise<boolean> {
  const body = JSON.stringify({ query: '{ __typename }' });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return (await answer.text()).includes('"Query"');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(impatience);
}
