import { deepStrictEqual } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startChild } from '../support/child.js';
import { CONNECTIONS } from '../support/commands.js';
import { compare, type Side } from '../support/compare.js';
import { withPool, type BenchDatabase } from '../support/database.js';
import { createPost, type Post } from '../support/http-client.js';
import { fail } from '../support/report.js';
import type { Listening } from './plain-process.js';
import { FIRST, type Ask, type Questions, type Refs } from './questions.js';

const FOLDER = fileURLToPath(new URL('postgraphile', import.meta.url));

/** PostGraphile knows no entities: the buyers become a table, and a function finds them. */
const BUYERS = `
  create table buyers as select distinct buyer_id as id from orders;
  alter table buyers add primary key (id);
  comment on table orders is '@foreignKey (buyer_id) references buyers (id)';
  create function buyers_by_ids (ids uuid[]) returns setof buyers language sql stable
    as 'select * from buyers where id = any (ids)';
  analyze buyers`;

const QUERY = `query ($ids: [UUID]!) { buyersByIds(ids: $ids) { nodes { rowId
  ordersByBuyerId(first: ${FIRST}, orderBy: [PLACED_AT_DESC, ROW_ID_DESC]) { nodes {
    rowId number status placedAt totalMinor currency
    orderItemsByOrderId { nodes { rowId title priceMinor currency } } } } } } }`;

export interface PostgraphileOptions {
  readonly questions: Pick<Questions, 'entities' | 'refs'>;
  readonly callers: number;
  readonly rounds: number;
  readonly wanted: number;
  /** Measures what asks a server; its process is named for its processor time. */
  load(ask: Ask, pid?: number): Side;
}

/** `_entities` against PostGraphile, which reads the same database and answers the same orders, and checks nobody's right. */
export async function comparePostgraphile(database: BenchDatabase, options: PostgraphileOptions): Promise<void> {
  const { questions, callers, rounds, wanted, load } = options;
  install();
  await withPool(database.url, 1, async (pool) => void (await pool.query(BUYERS)));
  const child = startChild<string, Listening>('bench/graph/postgraphile/server.mjs', {
    DATABASE_URL: database.url,
    CONNECTIONS: String(CONNECTIONS),
  });
  const { post, close } = createPost(`${(await child.word()).url}/graphql`, callers);
  const refs = questions.refs();
  deepStrictEqual(numbersIn(await ask(post, refs)), numbersIn(await questions.entities(refs)));
  await compare({
    title: `_entities of 50 users with ${FIRST} orders each and their items, ${callers} callers, against PostGraphile`,
    baseline: ['PostGraphile', load(() => ask(post, questions.refs()), child.pid)],
    subject: ['_entities', load(questions.entities)],
    wanted,
    rounds,
  });
  close();
  await child.stop();
}

/** Only this bench needs it, so only this bench brings it along. */
function install(): void {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--prefix', FOLDER], { stdio: 'inherit' });
  if (status !== 0) fail('PostGraphile could not be installed');
}

function ask(post: Post, refs: Refs): Promise<string> {
  return post(JSON.stringify({ query: QUERY, variables: { ids: refs.map(({ id }) => id) } }), {});
}

/** The numbers of all orders of an answer, whatever its shape. */
const numbersIn = (answer: string) => [...answer.matchAll(/"number":"([^"]+)"/g)].map(([, number]) => number).sort();
