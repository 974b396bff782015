import type pg from 'pg';
import { createOrderLists, type OrderListFilter } from '../../src/queries/order-lists.js';
import { createOrderReads } from '../../src/queries/order-reads.js';
import { startPostgresProxy } from '../../tests/support/postgres-proxy.js';
import { fillOrders } from '../support/bulk-orders.js';
import { openCommands } from '../support/commands.js';
import { compare } from '../support/compare.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { measure } from '../support/measure.js';
import { fail, printMachine } from '../support/report.js';
import { scansOf } from './scans.js';

const FEW = 10_000;
const MANY = 1_000_000;
const ORDERS_OF_BUYER = 40;
const PAGE = 20;
const ROUNDS = 9;
const ROUND_MS = 2_000;
/** At most 1.3 times the time. */
const WANTED = 1 / 1.3;
const ALL: OrderListFilter = { status: null, placedFrom: null, placedTo: null, courseId: null, oldestFirst: false };

/** @param count how many orders are many */
export async function run([count = String(MANY)]: readonly string[]): Promise<void> {
  printMachine(databaseSettings);
  await withDatabase((few) => withDatabase((many) => comparePages(few, many, Number(count))));
}

async function comparePages(few: BenchDatabase, many: BenchDatabase, count: number): Promise<void> {
  const [small, large] = [await openPages(few, FEW), await openPages(many, count)];
  const side =
    (page: () => Promise<void>, { pid }: BenchDatabase) =>
    () =>
      measure(page, { callers: 1, ms: ROUND_MS, processes: { database: pid } });
  await compare({
    title: `pages of ${PAGE} orders with their items, in turn the newest and the ones after them: rate`,
    baseline: [`among ${FEW}`, side(small.page, few)],
    subject: [`among ${count}`, side(large.page, many)],
    wanted: WANTED,
    rounds: ROUNDS,
  });
  await explain(many);
  await small.close();
  await large.close();
}

interface Pages {
  /** Reads the newest orders of a buyer, or the ones after them, with their items. */
  page(): Promise<void>;
  close(): Promise<void>;
}

async function openPages(database: BenchDatabase, count: number): Promise<Pages> {
  const buyers = await withBuyers(database, (pool) => fill(pool, count));
  const { readPage, close } = await openReads(database.url);
  let next = 0;
  let cursor: string | null = null;
  const page = async () => {
    const buyer = buyers[Math.floor(next++ / 2) % buyers.length] ?? '';
    cursor = await readPage(buyer, next % 2 ? null : cursor);
  };
  return { page, close };
}

async function withBuyers(database: BenchDatabase, work: (pool: pg.Pool) => Promise<string[]>): Promise<string[]> {
  let buyers: string[] = [];
  await withPool(database.url, 1, async (pool) => {
    buyers = await work(pool);
  });
  return buyers;
}

/** @returns some buyers, far from each other */
async function fill(pool: pg.Pool, count: number): Promise<string[]> {
  await fillOrders(pool, { count, buyers: count / ORDERS_OF_BUYER });
  const { rows } = await pool.query<{ id: string }>(
    'select distinct buyer_id as id, md5(buyer_id::text) from orders order by 2 limit 20000',
  );
  return rows.map(({ id }) => id);
}

async function openReads(url: string) {
  const { orm, env, close } = await openCommands(url);
  const reads = createOrderReads(orm, env.fork);
  const lists = createOrderLists(env.fork, reads);
  const readPage = async (buyer: string, after: string | null) => {
    const found = (await lists.ofBuyers([buyer], ALL, { first: PAGE, after })).get(buyer);
    const items = await reads.items((found?.rows ?? []).map(({ id }) => id));
    if (found?.rows.length !== PAGE || items.size !== PAGE) throw new Error(`a page has ${found?.rows.length} orders`);
    return found.cursors.at(-1) ?? null;
  };
  return { readPage, close };
}

/** Says how the database finds a page. It fails where a table is read from end to end. */
async function explain({ url }: BenchDatabase): Promise<void> {
  const proxy = await startPostgresProxy(url);
  const { readPage, close } = await openReads(proxy.url);
  await withPool(url, 1, async (pool) => {
    const { rows } = await pool.query<{ buyer: string }>('select buyer_id as buyer from orders limit 1');
    const buyer = rows[0]?.buyer ?? '';
    await readPage(buyer, await readPage(buyer, null));
    for (const sql of proxy.takeStatements().filter((one) => one.includes(' orders'))) {
      const scans = scansOf((await pool.query(`explain (format json) ${sql}`)).rows[0]['QUERY PLAN']);
      console.log(`found by ${scans.join(', ')}`);
      if (scans.some((scan) => scan.startsWith('Seq'))) fail(`a table is read from end to end: ${sql}`);
    }
  });
  await close();
  await proxy.close();
}
