import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { BatchingClient } from '../../../src/persistence/batching-client.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { startPostgresProxy, type PostgresProxy } from '../../support/postgres-proxy.js';

let database: TestDatabase;
let proxy: PostgresProxy;
let client: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  proxy = await startPostgresProxy(database.url);
  const setup: pg.Client = new BatchingClient({ connectionString: database.url });
  await setup.connect();
  await setup.query('create table things (id int primary key, name text)');
  await setup.end();
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});

beforeEach(async () => {
  client = new BatchingClient({ connectionString: proxy.url });
  await client.connect();
  await client.query('truncate things');
  proxy.takeStatements();
});
afterEach(() => client.end());

const insert = (id: number, name = 'x') => client.query(`insert into things (id, name) values (${id}, '${name}')`);
const ids = async () => {
  const { rows } = await client.query<{ id: number }>('select id from things order by id');
  return rows.map(({ id }) => id);
};
/** What a promise was rejected with; fails when it was not. */
const errorOf = (work: Promise<unknown>): Promise<{ code?: string; message: string }> =>
  work.then(
    () => Promise.reject(new Error('was not rejected')),
    (error: { code?: string; message: string }) => error,
  );

describe('what travels together', () => {
  test('a transaction of inserts is one message, at COMMIT', async () => {
    await client.query('begin');
    await insert(1);
    await insert(2);
    expect(proxy.takeStatements()).toEqual([]);
    await client.query('commit');
    expect(proxy.takeStatements()).toEqual([
      "insert into things (id, name) values (1, 'x');\ninsert into things (id, name) values (2, 'x')",
    ]);
    expect(await ids()).toEqual([1, 2]);
  });

  test('a statement whose answer is needed takes along what is held, and reads it', async () => {
    await client.query('begin');
    await insert(1);
    expect(await ids()).toEqual([1]);
    await insert(2);
    await client.query('commit');
    expect(proxy.takeStatements()).toEqual([
      "begin;\ninsert into things (id, name) values (1, 'x');\nselect id from things order by id",
      "insert into things (id, name) values (2, 'x');\ncommit",
    ]);
    expect(await ids()).toEqual([1, 2]);
  });

  test('a transaction in which nothing happened sends nothing, however it ends', async () => {
    for (const end of ['commit', 'rollback']) {
      await client.query('begin');
      await client.query(end);
    }
    await client.query('begin');
    await insert(1);
    await client.query('rollback');
    expect(proxy.takeStatements()).toEqual([]);
    expect(await ids()).toEqual([]);
  });

  test('a BEGIN that says more than begin is said to the server', async () => {
    await client.query('begin isolation level serializable');
    await insert(1);
    await client.query('commit');
    expect(proxy.takeStatements()).toEqual([
      "begin isolation level serializable;\ninsert into things (id, name) values (1, 'x');\ncommit",
    ]);
  });

  test('outside a transaction nothing is held', async () => {
    expect(await insert(1)).toMatchObject({ command: 'INSERT', rowCount: 1 });
  });

  test('statements with parameters come after what is held', async () => {
    await client.query('begin');
    await insert(1);
    const { rows } = await client.query('select name from things where id = $1', [1]);
    await client.query('commit');
    expect(rows).toEqual([{ name: 'x' }]);
  });
});

describe('inserts whose answer means something are never held', () => {
  beforeEach(async () => {
    await insert(1);
    await client.query('begin');
  });

  test('RETURNING', async () => {
    const { rows } = await client.query(`insert into things (id, name) values (2, 'b') returning name`);
    expect(rows).toEqual([{ name: 'b' }]);
  });

  test.each([
    ['taken', 1, 0],
    ['free', 2, 1],
  ])('ON CONFLICT, the row being %s', async (_, id, rowCount) => {
    const answer = await client.query(`insert into things (id, name) values (${id}, 'b') on conflict do nothing`);
    expect(answer.rowCount).toBe(rowCount);
  });

  test('over several lines', async () => {
    const { rows } = await client.query(
      `insert into things (id, name) values\n (2, 'b')\n on conflict do nothing\nRETURNING id`,
    );
    expect(rows).toEqual([{ id: 2 }]);
  });

  test('INSERT … SELECT', async () => {
    expect((await client.query('insert into things (id, name) select 2, name from things')).rowCount).toBe(1);
  });

  test('a value that holds the word is stored as it is', async () => {
    await insert(2, 'returning on conflict; commit -- ');
    await client.query('commit');
    expect((await client.query('select name from things where id = 2')).rows).toEqual([
      { name: 'returning on conflict; commit -- ' },
    ]);
  });
});

describe('a held insert that fails', () => {
  beforeEach(async () => {
    await insert(1);
    await client.query('begin');
    await insert(2);
    await insert(1);
    await insert(3);
  });

  test('shows at COMMIT, and nothing of the transaction is there', async () => {
    expect(await errorOf(client.query('commit'))).toMatchObject({ code: '23505', constraint: 'things_pkey' });
    await client.query('rollback');
    expect(await ids()).toEqual([1]);
  });

  test('shows at the next answer; from then on everything is refused with that first error, until ROLLBACK', async () => {
    const first = await errorOf(ids());
    expect(first.code).toBe('23505');
    proxy.takeStatements();
    expect(await errorOf(ids())).toBe(first);
    expect(await errorOf(insert(4))).toBe(first);
    expect(await errorOf(client.query('savepoint one'))).toBe(first);
    expect(await errorOf(client.query('commit'))).toBe(first);
    expect(proxy.takeStatements()).toEqual([]);
    await client.query('rollback');
    expect(await ids()).toEqual([1]);
  });

  test('leaves the connection usable for the next transaction', async () => {
    await errorOf(client.query('commit'));
    await client.query('begin');
    await insert(5);
    await client.query('commit');
    expect(await ids()).toEqual([1, 5]);
  });

  test('ahead of a statement with parameters: that one fails, and COMMIT with the first error', async () => {
    await errorOf(client.query('select $1::int', [1]));
    expect(await errorOf(client.query('commit'))).toMatchObject({ code: '23505' });
    await client.query('rollback');
    expect(await ids()).toEqual([1]);
  });
});

test('a COMMIT that the server answers with ROLLBACK is an error', async () => {
  await client.query('begin');
  await insert(1);
  expect(await errorOf(client.query('select 1 / $1::int', [0]))).toMatchObject({ code: '22012' });
  expect((await errorOf(client.query('commit'))).message).toBe('the server rolled the transaction back at COMMIT');
  expect(await ids()).toEqual([]);
});

describe('savepoints', () => {
  beforeEach(async () => {
    await insert(1);
    await client.query('begin');
    await insert(2);
    await client.query('savepoint part');
  });

  test('an inner failure is undone alone', async () => {
    await insert(1);
    expect(await errorOf(client.query('release savepoint part'))).toMatchObject({ code: '23505' });
    await client.query('rollback to savepoint part');
    await insert(3);
    await client.query('commit');
    expect(await ids()).toEqual([1, 2, 3]);
  });

  test('what was held since the savepoint is forgotten with it, not sent', async () => {
    await insert(1);
    await insert(4);
    await client.query('rollback to savepoint part');
    await client.query('commit');
    expect(await ids()).toEqual([1, 2]);
  });

  test('a success is kept', async () => {
    await insert(3);
    await client.query('release savepoint part');
    await client.query('commit');
    expect(await ids()).toEqual([1, 2, 3]);
  });
});

test('a connection that breaks in a transaction rejects, and a new one works', async () => {
  client.on('error', (error) => expect(error).toBeInstanceOf(Error));
  await client.query('begin');
  await insert(1);
  proxy.stop();
  await errorOf(client.query('commit'));
  proxy.resume();
  client = new BatchingClient({ connectionString: proxy.url });
  await client.connect();
  expect(await ids()).toEqual([]);
});
