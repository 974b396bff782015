import type pg from 'pg';
import { compare } from '../support/compare.js';
import { CONNECTIONS, openCommands } from '../support/commands.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { measure } from '../support/measure.js';
import { printMachine } from '../support/report.js';
import { compareOverHttp } from './http.js';
import { stockCatalogue, type Cart } from './carts.js';
import { placeWith } from './plain-sql.js';
import { placingCommand } from './placing-command.js';

const ROUNDS = 7;
const ROUND_MS = 3_000;
/** Callers at once, and the ratio that is asked for. */
const LOADS = [
  [16, 1],
  [64, 1.5],
] as const;

/** @param only `sql` or `http`: one of the two comparisons */
export async function run([only]: readonly string[]): Promise<void> {
  printMachine(`${databaseSettings}; ${CONNECTIONS} connections for either side`);
  if (only !== 'http') await withDatabase(compareWithPlainSql);
  if (only !== 'sql') await withDatabase(compareOverHttp);
}

async function compareWithPlainSql(database: BenchDatabase): Promise<void> {
  await withPool(database.url, CONNECTIONS, (pool) => compareOver(pool, database));
}

async function compareOver(pool: pg.Pool, database: BenchDatabase): Promise<void> {
  const commands = await openCommands(database.url);
  const nextCart = stockCatalogue(commands.neighbours);
  const place = placingCommand(commands.env);
  const plain = placeWith(pool);
  for (const [callers, wanted] of LOADS) {
    const side = (work: (cart: Cart) => Promise<void>) => () =>
      measure(() => work(nextCart()), { callers, ms: ROUND_MS, processes: { database: database.pid } });
    await compare({
      title: `placing, ${callers} callers`,
      baseline: ['plain pg', side(plain)],
      subject: ['placing command', side(place)],
      wanted,
      rounds: ROUNDS,
    });
  }
  await commands.close();
}
