import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { MissingService, onPath, run } from '../service.js';
import { serverProperties } from './properties.js';

const VERSION = '4.1.2';
const LEAST_JAVA = 17;
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const COPY_JARS = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
// The npm scripts run in the project's root; jest's modules have no import.meta.dirname that is reliable everywhere.
const HERE = resolve('tests/support/kafka');

/** What a broker is started from: the Java program, and a folder with libs/, log4j2.xml and a formatted template/. */
export interface KafkaFiles {
  readonly java: string;
  readonly home: string;
}

/** Where the broker's classes are kept as Java has loaded them; a Java that is not the one that wrote it ignores it. */
export const classArchive = (home: string): string => join(home, 'classes.jsa');

/** Arguments of the Java program that every use of the broker's jars shares. */
export function javaArguments(home: string): string[] {
  const memory = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-XX:TieredStopAtLevel=1'];
  const classes = existsSync(classArchive(home)) ? [`-XX:SharedArchiveFile=${classArchive(home)}`] : [];
  return [...memory, ...classes, `-Dlog4j2.configurationFile=${home}/log4j2.xml`, '-cp', `${home}/libs/*`];
}

/** A Java that is new enough. @throws MissingService */
export function findJava(): string {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : onPath('java');
  if (!java || !existsSync(java)) throw new MissingService('no java');
  // Java 8 does not know --version: its complaint holds no number either.
  const printed = execFileSync('/bin/sh', ['-c', '"$1" --version 2>&1 || true', 'sh', java], { encoding: 'utf8' });
  const major = Number(/^\S+ (\d+)/.exec(printed)?.[1] ?? 0);
  if (major < LEAST_JAVA) throw new MissingService(`${java} is not Java ${LEAST_JAVA} or newer`);
  return java;
}

/** Fetches the broker's jars with Maven and formats a data folder to copy: once a machine. @throws MissingService */
export async function prepareKafka(): Promise<KafkaFiles> {
  const java = findJava();
  const home = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), `edulearn-kafka-${VERSION}`);
  if (existsSync(join(home, 'template'))) return { java, home };
  const maven = onPath('mvn');
  if (!maven) throw new MissingService('no mvn to fetch the jars of Kafka with');
  mkdirSync(dirname(home), { recursive: true });
  const partial = mkdtempSync(`${home}.`);
  try {
    await fill(partial, java, maven);
    // Complete or absent, also when two runs fetch at once: the later rename fails on the filled folder.
    if (!existsSync(home)) renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return { java, home };
}

async function fill(folder: string, java: string, maven: string): Promise<void> {
  process.stdout.write(`fetching Kafka ${VERSION} with Maven …\n`);
  copyFileSync(join(HERE, 'log4j2.xml'), join(folder, 'log4j2.xml'));
  const settings = [`-Dkafka.version=${VERSION}`, '-DincludeScope=runtime', `-DoutputDirectory=${folder}/libs`];
  await run(maven, ['-B', '-q', '-f', join(HERE, 'pom.xml'), COPY_JARS, ...settings]);
  const properties = join(folder, 'template.properties');
  writeFileSync(properties, serverProperties({ port: 9092, controllerPort: 9093, data: `${folder}/template` }));
  await run(java, [...javaArguments(folder), 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties]);
}
