import { deepStrictEqual } from 'node:assert';
import { randomUUID } from 'node:crypto';
import { startPostgresProxy } from '../../tests/support/postgres-proxy.js';
import { startAppServer, type AppServer } from '../support/app-server.js';
import { fillOrders } from '../support/bulk-orders.js';
import { startChild } from '../support/child.js';
import { CONNECTIONS } from '../support/commands.js';
import { compare } from '../support/compare.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { createPost } from '../support/http-client.js';
import { measure, type Measured } from '../support/measure.js';
import { printShares } from '../support/profile.js';
import { fail, printMachine } from '../support/report.js';
import { signedIn } from '../support/tokens.js';
import { comparePostgraphile } from './compare-postgraphile.js';
import type { Listening } from './plain-process.js';
import { createQuestions, PAGE, type Ask, type Buyer, type Questions } from './questions.js';

const ORDERS = 20_000;
const ORDERS_OF_BUYER = 40;
const BUYERS = 200;
const CALLERS = 8;
const ROUNDS = 7;
const ROUND_MS = 2_000;
const WANTED_ENTITIES = 0.4;
const WANTED_ORDER = 0.4;
const WANTED_OF_POSTGRAPHILE = 1;
const COUNTED_PAGES = 200;
const MOST_STATEMENTS = 1;
const LARGEST = 5;
/** Reads call nobody. */
const NO_NEIGHBOURS = '127.0.0.1:1';

export async function run(): Promise<void> {
  printMachine(databaseSettings);
  await withDatabase(async (database) => {
    const buyers = await fill(database);
    const admin = await signedIn(randomUUID(), 'admin');
    await countStatements(database, buyers);
    const server = await startAppServer(database.url, NO_NEIGHBOURS);
    const { post, close } = createPost(`${server.url}/graphql`, CALLERS);
    const questions = createQuestions(post, { buyers, admin });
    await compareEntities(database, server, questions);
    await compareReads(database, server, questions);
    await comparePostgraphile(database, {
      questions,
      callers: CALLERS,
      rounds: ROUNDS,
      wanted: WANTED_OF_POSTGRAPHILE,
      load:
        (ask, pid = server.pid) =>
        () =>
          load(ask, database, pid),
    });
    close();
    await server.stop();
  });
}

async function fill({ url }: BenchDatabase): Promise<Buyer[]> {
  const buyers: Buyer[] = [];
  await withPool(url, 1, async (pool) => {
    await fillOrders(pool, { count: ORDERS, buyers: ORDERS / ORDERS_OF_BUYER });
    const { rows } = await pool.query<{ id: string; orders: string[] }>(
      `select buyer_id as id, array_agg(id) as orders from orders group by 1 order by md5(buyer_id::text) limit ${BUYERS}`,
    );
    for (const { id, orders } of rows) buyers.push({ id, orders, headers: await signedIn(id, 'student') });
  });
  return buyers;
}

/** `_entities` of 50 users against the same statements without a graph; then where the time of the service goes. */
async function compareEntities(database: BenchDatabase, server: AppServer, { entities, refs }: Questions) {
  const plain = startChild<string, Listening>('bench/graph/plain-process.ts', {
    DATABASE_URL: database.url,
    CONNECTIONS: String(CONNECTIONS),
  });
  const { post, close } = createPost((await plain.word()).url, CALLERS);
  const plainly: Ask = () => post(JSON.stringify({ variables: { refs: refs() } }), {});
  const wanted = refs();
  const same = JSON.stringify({ variables: { refs: wanted } });
  deepStrictEqual(JSON.parse(await entities(wanted)), JSON.parse(await post(same, {})));
  const ours = () => load(entities, database, server.pid);
  await compare({
    title: `_entities of 50 users with 5 orders each and their items, ${CALLERS} callers`,
    baseline: ['the same SQL through pg', () => load(plainly, database, plain.pid)],
    subject: ['_entities', ours],
    wanted: WANTED_ENTITIES,
    rounds: ROUNDS,
  });
  close();
  await plain.stop();
  const { micros } = await ours();
  const shares = await server.profile(ours);
  printShares('the server’s processor time for them', shares.slice(0, LARGEST), micros.server ?? Number.NaN);
}

/** An order and a page of orders against a question that needs no data. */
async function compareReads(database: BenchDatabase, server: AppServer, { ping, order, page }: Questions) {
  const side = (ask: Ask) => () => load(ask, database, server.pid);
  const baseline = ['{ __typename }', side(ping)] as const;
  await compare({
    title: `an order by its id, ${CALLERS} callers`,
    baseline,
    subject: ['order', side(order)],
    wanted: WANTED_ORDER,
    rounds: ROUNDS,
  });
  await compare({
    title: `a page of ${PAGE} orders with their items, ${CALLERS} callers`,
    baseline,
    subject: ['myOrders', side(page)],
    rounds: ROUNDS,
  });
}

const load = (ask: Ask, database: BenchDatabase, server: number): Promise<Measured> =>
  measure(ask, { callers: CALLERS, ms: ROUND_MS, processes: { server, database: database.pid } });

/** Prints how many statements a page takes, those of the service's background work counted in. */
async function countStatements(database: BenchDatabase, buyers: readonly Buyer[]): Promise<void> {
  const proxy = await startPostgresProxy(database.url);
  const server = await startAppServer(proxy.url, NO_NEIGHBOURS);
  const { post, close } = createPost(`${server.url}/graphql`, 1);
  const { page } = createQuestions(post, { buyers, admin: {} });
  await page();
  proxy.takeStatements();
  for (let n = 0; n < COUNTED_PAGES; n++) await page();
  const perPage = proxy.takeStatements().length / COUNTED_PAGES;
  console.log(`a page of ${PAGE} orders with their items: ${perPage.toFixed(2)} statements\n`);
  if (Math.round(perPage) > MOST_STATEMENTS) fail(`a page takes more than ${MOST_STATEMENTS} statement`);
  close();
  await server.stop();
  await proxy.close();
}
