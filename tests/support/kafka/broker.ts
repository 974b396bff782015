import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../../dev/laptop/ports.js';
import { dyingWithParent } from '../service.js';
import { brokerAnswers } from './broker-answers.js';
import { javaArguments } from './jars.js';
import type { KafkaFiles } from './jars.js';
import { serverProperties, type SecureListener } from './properties.js';

const START_MS = 90_000;

export interface KafkaBroker {
  readonly brokers: string;
  readonly port: number;
  /** SIGKILL, as a crash; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data; a running one is shut down cleanly first. */
  restart(): Promise<void>;
  /** A hung broker: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/**
 * Starts a broker with data of its own on loopback.
 * @param advertisedPort where clients are told to find it, a proxy's for example; its own by default
 * @param secure a second door with TLS and passwords
 * @throws Error with the errors in its log
 */
export async function startBroker(
  files: KafkaFiles,
  advertisedPort?: number,
  secure?: SecureListener,
): Promise<KafkaBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-test-kafka-'));
  const port = await freePort(new Set(advertisedPort ? [advertisedPort] : []));
  const controllerPort = await freePort(new Set([port]));
  const data = join(folder, 'data');
  cpSync(join(files.home, 'template'), data, { recursive: true });
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, serverProperties({ port, advertisedPort, controllerPort, data, secure }));
  const start = () => launch(files, properties, join(folder, 'broker.log'), port);
  let child = await start();
  const stop = async () => {
    await end(child, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  return {
    brokers: `127.0.0.1:${port}`,
    port,
    kill: () => end(child, 'SIGKILL'),
    restart: async () => {
      await end(child, 'SIGTERM');
      child = await start();
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop,
  };
}

async function launch(files: KafkaFiles, properties: string, logFile: string, port: number): Promise<ChildProcess> {
  const log = openSync(logFile, 'w');
  const args = [...javaArguments(files.home), 'kafka.Kafka', properties];
  const child = spawn(...dyingWithParent(files.java, args), { stdio: ['ignore', log, log] });
  closeSync(log);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  const until = Date.now() + START_MS;
  while (!ended && Date.now() < until) {
    if (await brokerAnswers(port)) return child;
    await pause(50);
  }
  await end(child, 'SIGKILL');
  const causes = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => /ERROR|FATAL|Exception/.test(line));
  throw new Error(
    `the Kafka broker ${ended ? 'ended' : `was not ready in ${START_MS} ms`}: ${causes.slice(0, 5).join('\n')}`,
  );
}

async function end(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGCONT');
  child.kill(name);
  const impatience = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await gone;
  clearTimeout(impatience);
}
