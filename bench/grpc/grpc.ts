import { fillOrders } from '../support/bulk-orders.js';
import { startAppServer } from '../support/app-server.js';
import { compare } from '../support/compare.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { startInstantNeighbours } from '../support/instant-neighbours.js';
import { measure } from '../support/measure.js';
import { printMachine } from '../support/report.js';
import { openCalls, type Calls, type KnownOrder } from './calls.js';

const ORDERS = 20_000;
const ORDERS_OF_BUYER = 40;
const CALLERS = [1, 16, 64] as const;
const ROUNDS = 5;
const ROUND_MS = 2_000;
const SUBJECTS: readonly (readonly [name: string, call: Exclude<keyof Calls, 'close' | 'refused'>])[] = [
  ['PlaceOrder', 'placeOrder'],
  ['GetOrders', 'getOrders'],
  ['GetOrderById', 'getOrderById'],
];

/** Calls of the OrderService at the real app, over one connection, against a call that is refused as soon as it was read. */
export async function run(): Promise<void> {
  printMachine(`${databaseSettings}; a trusted network, no tokens; a call that fails ends the bench`);
  await withDatabase(compareCalls);
}

async function compareCalls(database: BenchDatabase): Promise<void> {
  const orders = await fill(database);
  const neighbours = await startInstantNeighbours();
  const server = await startAppServer(database.url, neighbours.address, { GRPC_TRUST_NETWORK: 'true' });
  const calls = openCalls(server.grpcPort, orders);
  const processes = { server: server.pid, database: database.pid };
  for (const callers of CALLERS) {
    const side = (call: () => Promise<void>) => () => measure(call, { callers, ms: ROUND_MS, processes });
    for (const [name, call] of SUBJECTS) {
      await compare({
        title: `${name} over gRPC, ${callers} callers`,
        baseline: ['a refused call', side(calls.refused)],
        subject: [name, side(calls[call])],
        rounds: ROUNDS,
      });
    }
  }
  calls.close();
  await server.stop();
  neighbours.stop();
}

async function fill({ url }: BenchDatabase): Promise<readonly KnownOrder[]> {
  let orders: readonly KnownOrder[] = [];
  await withPool(url, 1, async (pool) => {
    await fillOrders(pool, { count: ORDERS, buyers: ORDERS / ORDERS_OF_BUYER });
    orders = (await pool.query<KnownOrder>('select id, buyer_id as "buyerId" from orders order by md5(id::text)')).rows;
  });
  return orders;
}
