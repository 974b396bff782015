import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openOrm } from '../../../src/persistence/orm.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

let database: TestDatabase;
beforeAll(async () => void (database = await createDatabase()));
afterAll(() => database.drop());

const open = (transactionTimeout?: number) =>
  openOrm({ url: database.url, poolMax: 2, statementTimeout: 7_000, lockTimeout: 3_000, transactionTimeout });

test('every connection of the service limits statements, waits for locks, and transactions', async () => {
  const orm = await open(20_000);
  const names = ['statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'];
  const rows = await orm.em
    .fork()
    .execute('select name, setting from pg_settings where name in (?) order by name', [names]);
  await orm.close();
  expect(rows).toEqual([
    { name: 'idle_in_transaction_session_timeout', setting: '30000' },
    { name: 'lock_timeout', setting: '3000' },
    { name: 'statement_timeout', setting: '7000' },
    { name: 'transaction_timeout', setting: '20000' },
  ]);
});

test('a transaction that lasts longer is ended, however short its statements', async () => {
  const orm = await open(300);
  const slow = orm.em.fork().transactional(async (em) => {
    for (let n = 0; n < 20; n++) await em.execute('select pg_sleep(0.1)');
  });
  await expect(slow).rejects.toThrow();
  await orm.close();
});

test('an operator’s command may take as long as it needs', async () => {
  const orm = await open();
  const rows = await orm.em.fork().execute(`show transaction_timeout`);
  await orm.close();
  expect(rows).toEqual([{ transaction_timeout: '0' }]);
});
