import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { freePort } from '../../dev/laptop/ports.js';
import { eventually } from './eventually.js';
import { aptInstall, dyingWithParent, firstOf, MissingService, onPath, startContainer } from './service.js';
import type { Service } from './service.js';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. A running one is killed first. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The URL of the Redis that all tests share, undefined when there is none. */
export const redisUrl = (): string | undefined => process.env.TEST_REDIS_URL;

/** Whether a test can have a Redis of its own, to kill and restart. */
export const canStartRedis = (): boolean => Boolean(process.env.TEST_REDIS_PROGRAM);

/** A Redis of a test's own. @throws Error when canStartRedis() is false */
export async function startRedis(): Promise<TestRedis> {
  const program = process.env.TEST_REDIS_PROGRAM;
  if (!program) throw new Error('TEST_REDIS_PROGRAM is not set: run the tests through npm test');
  return launch(program);
}

/** The Redis of the environment, else a program of this machine, of its package manager, or a container. */
export function provideRedis(): Promise<Service> {
  return firstOf([
    fromEnvironment,
    () => fromProgram('on PATH'),
    async () => {
      await aptInstall('redis-server');
      return fromProgram('installed with apt-get');
    },
    fromContainer,
  ]);
}

function programEnv(): Record<string, string> {
  const program = onPath('redis-server');
  return program ? { TEST_REDIS_PROGRAM: program } : {};
}

async function fromEnvironment(): Promise<Service> {
  const url = process.env.TEST_REDIS_URL;
  if (!url) throw new MissingService('no TEST_REDIS_URL');
  return { env: { TEST_REDIS_URL: url, ...programEnv() }, how: 'TEST_REDIS_URL', stop: async () => undefined };
}

async function fromProgram(origin: string): Promise<Service> {
  const program = onPath('redis-server');
  if (!program) throw new MissingService('no redis-server on PATH');
  const redis = await launch(program);
  return {
    env: { TEST_REDIS_URL: redis.url, ...programEnv() },
    how: `redis-server ${origin}, port ${redis.port}`,
    stop: () => redis.stop(),
  };
}

async function fromContainer(): Promise<Service> {
  const port = await freePort();
  const stop = await startContainer('redis:8', `${port}:6379`);
  await untilAnswers(port, 30_000);
  return { env: { TEST_REDIS_URL: `redis://127.0.0.1:${port}` }, how: `container redis:8, port ${port}`, stop };
}

async function untilAnswers(port: number, limitMs: number): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
  // Refused connections are what is waited out here; ping() reports what is wrong after the limit.
  let lastError: Error | undefined;
  client.on('error', (error: Error) => (lastError = error));
  try {
    await eventually(() => client.ping().catch((error: unknown) => Promise.reject(lastError ?? error)), undefined, {
      limitMs,
    });
  } finally {
    client.disconnect();
  }
}

async function launch(program: string): Promise<TestRedis> {
  const port = await freePort();
  let child: ChildProcess;
  const start = async () => {
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      '/tmp',
    ];
    child = spawn(...dyingWithParent(program, settings), { stdio: 'ignore' });
    await untilAnswers(port, 10_000);
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  const restart = async () => {
    await kill();
    await start();
  };
  return { url: `redis://127.0.0.1:${port}`, port, kill, restart, stop: kill };
}
