import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isPortFree } from '../../../dev/laptop/ports.js';
import { removePostgres } from '../../../dev/postgres/embedded-postgres.js';
import { clusterOf } from '../../../dev/postgres/folders.js';
import { untilGone } from '../../../dev/postgres/processes.js';
import { eventually } from '../../support/eventually.js';
import { startLaptopProcess } from './laptop-process.js';
import type { LaptopProcess } from './laptop-process.js';

const START_MS = 90_000;

describe('npm start', () => {
  let folder: string;
  let laptop: LaptopProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orders-test-laptop-'));
  });
  afterEach(async () => {
    laptop?.signal('SIGKILL');
    await laptop?.ended();
    laptop = undefined;
    await removePostgres(join(folder, 'postgres'), () => undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (env: Readonly<Record<string, string>> = {}, ...flags: string[]) => {
    laptop = startLaptopProcess({ DATA_DIR: folder, ...env }, ...flags);
    return laptop;
  };
  const databasePid = () =>
    Number(readFileSync(join(clusterOf(join(folder, 'postgres')), 'postmaster.pid'), 'utf8').split('\n')[0]);
  const courses = async (running: LaptopProcess) => {
    const response = await fetch(running.place('supergraph, explorer'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ courses { id } }' }),
    });
    return ((await response.json()) as { data: { courses: object[] } }).data.courses;
  };

  test(
    'gets ready, says where, answers; a signal ends everything cleanly',
    async () => {
      const running = start();
      await running.untilReady();
      expect(await courses(running)).not.toHaveLength(0);
      expect(running.output()).toContain('curl -s http://127.0.0.1:');
      const server = databasePid();
      running.signal('SIGINT');
      const { code, ms } = await running.ended();
      expect({ code, isQuick: ms < 5_000, isServerGone: await untilGone(server, 0) }).toEqual({
        code: 0,
        isQuick: true,
        isServerGone: true,
      });
    },
    START_MS,
  );

  test(
    'after kill -9 the next start recovers by itself',
    async () => {
      const first = start();
      await first.untilReady();
      const orphan = databasePid();
      first.signal('SIGKILL');
      await first.ended();
      const second = start();
      await second.untilReady();
      expect(await courses(second)).not.toHaveLength(0);
      expect(await untilGone(orphan, 0)).toBe(true);
      expect(second.output()).toContain(`left behind (process ${orphan})`);
    },
    START_MS,
  );

  // One of each part that listens.
  test.each(['GATEWAY_PORT', 'GRPC_PORT', 'DATABASE_PORT', 'COURSE_GRPC_PORT'])(
    '%s in use: one line that names it, exit code 1, nothing left running',
    async (variable) => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as AddressInfo;
      const running = start({ [variable]: String(port) });
      expect((await running.ended()).code).toBe(1);
      expect(running.output().replace('starting …\n', '')).toBe(
        `port ${port} is in use: set ${variable} to another one\n`,
      );
      await new Promise((resolve) => other.close(resolve));
      expect(await isPortFree(port)).toBe(true);
    },
    START_MS,
  );

  test(
    'data of another PostgreSQL stops the start with one line; --fresh begins anew',
    async () => {
      const first = start();
      await first.untilReady();
      first.signal('SIGTERM');
      await first.ended();
      writeFileSync(join(clusterOf(join(folder, 'postgres')), 'PG_VERSION'), '15\n');
      const second = start();
      expect((await second.ended()).code).toBe(1);
      expect(second.output()).toMatch(/^starting …\n[^\n]*PostgreSQL 15[^\n]*--fresh[^\n]*\n$/);
      const third = start({}, '--fresh');
      await third.untilReady();
    },
    START_MS,
  );

  test(
    'a signal while starting stops what has started',
    async () => {
      const running = start();
      await eventually(() => running.output().includes('starting'), Boolean, { everyMs: 1 });
      running.signal('SIGTERM');
      expect((await running.ended()).code).toBe(1);
      expect(running.output()).not.toContain('ready');
    },
    START_MS,
  );

  test.each([
    ['production', { NODE_ENV: 'production' }, 'node dist/main.js'],
    ['a wrong setting', { CART_LIMIT: 'many' }, 'CART_LIMIT: given "many"'],
    ['a wrong port', { DEV_PORT: 'http' }, 'DEV_PORT: given "http"'],
  ])('refuses %s with a line that says why', async (_, env, line) => {
    const running = start(env);
    expect((await running.ended()).code).toBe(1);
    expect(running.output()).toContain(line);
  });
});
