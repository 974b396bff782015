import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../dev/laptop/ports.js';
import { eventually } from '../eventually.js';
import { dyingWithParent } from '../service.js';
import { brokerAnswers } from './broker-answers.js';
import { classArchive, javaArguments, type KafkaFiles } from './jars.js';
import { serverProperties } from './properties.js';

const START_MS = 60_000;

/**
 * Keeps the classes of a broker that has started and ended as Java's own archive, once a machine: brokers that tests start
 * with it are there in about half the time.
 */
export async function archiveClasses(files: KafkaFiles): Promise<void> {
  const archive = classArchive(files.home);
  if (existsSync(archive)) return;
  const folder = mkdtempSync(join(tmpdir(), 'orders-test-kafka-'));
  const partial = `${archive}.${process.pid}`;
  try {
    await startAndEnd(files, folder, `-XX:ArchiveClassesAtExit=${partial}`);
    if (existsSync(partial)) renameSync(partial, archive);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    rmSync(partial, { force: true });
  }
}

async function startAndEnd({ java, home }: KafkaFiles, folder: string, option: string): Promise<void> {
  const data = join(folder, 'data');
  cpSync(join(home, 'template'), data, { recursive: true });
  const port = await freePort(new Set());
  const controllerPort = await freePort(new Set([port]));
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, serverProperties({ port, controllerPort, data }));
  const args = [option, ...javaArguments(home), 'kafka.Kafka', properties];
  const child = spawn(...dyingWithParent(java, args), { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await eventually(() => child.exitCode !== null || brokerAnswers(port), Boolean, { limitMs: START_MS });
  child.kill('SIGTERM');
  await ended;
}
