import type pg from 'pg';
import { createMetrics, type Metrics } from '../../src/observability/metrics.js';
import { ExpirySweep } from '../../src/saga/expiry.js';
import { eventually } from '../../tests/support/eventually.js';
import { stockCatalogue } from '../place/carts.js';
import { placingCommand } from '../place/placing-command.js';
import { fillOrders } from '../support/bulk-orders.js';
import { openCommands, type Commands } from '../support/commands.js';
import { compare } from '../support/compare.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { measure } from '../support/measure.js';
import { printMachine, spread } from '../support/report.js';

const DUE = 20_000;
const ROUNDS = 5;
const CALLERS = 16;
const ROUND_MS = 3_000;
const LIMIT = { limitMs: 120_000, everyMs: 10 };

export async function run(): Promise<void> {
  printMachine(databaseSettings);
  await withDatabase((database) => withPool(database.url, 1, (pool) => measureSweep(database, pool)));
}

async function measureSweep(database: BenchDatabase, pool: pg.Pool): Promise<void> {
  const commands = await openCommands(database.url);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rates.push(await sweepAlone(commands, pool));
  console.log(`ending ${DUE} due orders: ${spread(rates, 0)} a second\n`);
  await comparePlacing(database, commands, pool);
  await commands.close();
}

async function sweepAlone({ env }: Commands, pool: pg.Pool): Promise<number> {
  await makeDue(pool);
  const metrics = createMetrics();
  const sweep = new ExpirySweep(env, metrics, () => true);
  const began = performance.now();
  sweep.start();
  await eventually(
    () => expiredBy(metrics),
    (count) => count === DUE,
    LIMIT,
  );
  const rate = (DUE * 1_000) / (performance.now() - began);
  await sweep.stop();
  return rate;
}

const makeDue = (pool: pg.Pool) => fillOrders(pool, { count: DUE, buyers: DUE, due: true });
const expiredBy = async ({ expired }: Metrics) => (await expired.get()).values[0]?.value ?? 0;

async function comparePlacing(database: BenchDatabase, commands: Commands, pool: pg.Pool): Promise<void> {
  const nextCart = stockCatalogue(commands.neighbours);
  const place = placingCommand(commands.env);
  const load = { callers: CALLERS, ms: ROUND_MS, processes: { database: database.pid } };
  const alone = () => measure(() => place(nextCart()), load);
  const rates: number[] = [];
  await compare({
    title: `placing by ${CALLERS} callers`,
    baseline: ['placing alone', alone],
    subject: [
      'beside a sweep',
      async () => {
        await makeDue(pool);
        const metrics = createMetrics();
        const sweep = new ExpirySweep(commands.env, metrics, () => true);
        sweep.start();
        const measured = await alone();
        rates.push(((await expiredBy(metrics)) * 1_000) / ROUND_MS);
        await sweep.stop();
        return measured;
      },
    ],
    rounds: ROUNDS,
  });
  console.log(`meanwhile the sweep ended ${spread(rates, 0)} orders a second`);
}
