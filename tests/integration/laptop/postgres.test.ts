import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { isPortFree } from '../../../dev/laptop/ports.js';
import { removePostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.js';
import type { EmbeddedPostgres, PostgresOptions } from '../../../dev/postgres/embedded-postgres.js';
import { clusterOf } from '../../../dev/postgres/folders.js';
import { signal, startOf, untilGone } from '../../../dev/postgres/processes.js';

const isRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL', () => {
  let parent: string;
  let dataDir: string;
  let started: EmbeddedPostgres[];
  let said: string[];
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'orders-test-embedded-'));
    // The account postgres must reach the folder when root runs the tests.
    chmodSync(parent, 0o755);
    dataDir = join(parent, 'data');
    [started, said] = [[], []];
  });
  afterEach(async () => {
    for (const postgres of started) await postgres.stop();
    await removePostgres(dataDir, () => undefined);
    rmSync(parent, { recursive: true, force: true });
  });

  const start = async (more: Partial<PostgresOptions> = {}) => {
    const log = (line: object) => said.push((line as { msg: string }).msg);
    const postgres = await startPostgres({ dataDir, log, endsWithParent: true, ...more });
    started.push(postgres);
    return postgres;
  };
  const ask = async (url: string, query: string) => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(query)).rows;
    } finally {
      await client.end();
    }
  };

  test('keeps data and password between starts, in UTF-8, durably, with a port below 32768', async () => {
    const first = await start();
    await ask(first.url, `create table kept as select 'Ünïcode ✓' as text`);
    await first.stop();
    expect(await isPortFree(first.port)).toBe(true);
    const second = await start();
    expect(await ask(second.url, 'select text, length(text) from kept')).toEqual([{ text: 'Ünïcode ✓', length: 9 }]);
    expect(await ask(second.url, `select current_setting('fsync') as fsync`)).toEqual([{ fsync: 'on' }]);
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(second.port).toBeLessThan(32_768);
    expect(statSync(join(dataDir, 'password')).mode & 0o077).toBe(0);
  });

  test('listens on loopback only, and asks for the password', async () => {
    const { url, port } = await start();
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((face) => face && !face.internal && face.family === 'IPv4');
    if (!outside) return;
    const away = new URL(url);
    away.host = `${outside.address}:${port}`;
    await expect(ask(away.href, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('after a crash of the server, the next start has what was committed', async () => {
    const first = await start();
    await ask(first.url, 'create table kept as select generate_series(1, 1000) as n');
    await first.kill();
    const second = await start();
    expect(await ask(second.url, 'select count(*)::int from kept')).toEqual([{ count: 1000 }]);
  });

  test('a server that a killed process left behind is stopped, its data is found', async () => {
    const script = spawn(process.execPath, ['dev/run.mjs', 'tests/integration/laptop/abandoned-postgres.ts', dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(script.stdout as NonNullable<ChildProcess['stdout']>, 'data')) as [Buffer];
    const orphan = Number(line.toString());
    script.kill('SIGKILL');
    await once(script, 'exit');
    expect(startOf(orphan)).toBeDefined();
    const { url } = await start();
    expect(await untilGone(orphan, 0)).toBe(true);
    expect(said).toEqual([`stopping a PostgreSQL that an earlier start left behind (process ${orphan})`]);
    expect(await ask(url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('a lock file whose process id belongs to something else by now harms neither', async () => {
    const first = await start();
    await first.stop();
    const other = spawn('sleep', ['60']);
    const file = join(clusterOf(dataDir), 'postmaster.pid');
    writeFileSync(file, `${other.pid}\n${clusterOf(dataDir)}\n`);
    await start();
    expect(startOf(other.pid as number)).toBeDefined();
    signal(other.pid as number, 'SIGKILL');
  });

  test('a folder that a living process uses is refused, and its server goes on', async () => {
    const first = await start();
    await expect(startPostgres({ dataDir, log: () => undefined })).rejects.toThrow(`in use by process ${process.pid}`);
    await expect(removePostgres(dataDir, () => undefined)).rejects.toThrow(`in use by process ${process.pid}`);
    expect(await ask(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('data of another major version is refused with one line that names --fresh, and stays as it is', async () => {
    const first = await start();
    await first.stop();
    const file = join(clusterOf(dataDir), 'PG_VERSION');
    writeFileSync(file, '16\n');
    const refused = startPostgres({ dataDir, log: () => undefined });
    await expect(refused).rejects.toThrow(/^[^\n]*holds data of PostgreSQL 16, this is 18[^\n]*--fresh[^\n]*$/);
    expect(readFileSync(file, 'utf8')).toBe('16\n');
  });

  test('a named port that is taken is an error, and the folder is free afterwards', async () => {
    const first = await start();
    const other = startPostgres({ dataDir: join(parent, 'other'), port: first.port, log: () => undefined });
    await expect(other).rejects.toThrow('Address already in use');
    const again = await startPostgres({ dataDir: join(parent, 'other'), log: () => undefined, endsWithParent: true });
    await again.stop();
    await removePostgres(join(parent, 'other'), () => undefined);
  });

  test('removePostgres leaves nothing', async () => {
    const first = await start();
    await first.stop();
    await removePostgres(dataDir, () => undefined);
    expect(existsSync(dataDir)).toBe(false);
  });

  (isRoot ? test : test.skip)(
    'in a folder that only root may enter, data goes elsewhere and is found again',
    async () => {
      chmodSync(parent, 0o700);
      const first = await start();
      await ask(first.url, 'create table kept as select 7 as n');
      await first.stop();
      const cluster = clusterOf(dataDir);
      expect(cluster.startsWith(parent)).toBe(false);
      const second = await start();
      expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 7 }]);
      await second.stop();
      await removePostgres(dataDir, () => undefined);
      expect(existsSync(cluster)).toBe(false);
    },
  );

  test.each(['de_DE.ISO-8859-1', 'xx_YY.nothing', 'C'])('starts under LANG=%s', async (language) => {
    const before = { LANG: process.env.LANG, LC_ALL: process.env.LC_ALL };
    Object.assign(process.env, { LANG: language, LC_ALL: language });
    try {
      const { url } = await start();
      expect(await ask(url, `select upper('ß-é') as text`)).toEqual([{ text: 'ß-É' }]);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });
});
