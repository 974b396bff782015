import { setTimeout as pause } from 'node:timers/promises';
import { appSettings } from '../support/app-server.js';
import { fillOrders } from '../support/bulk-orders.js';
import { startChild, type Child } from '../support/child.js';
import { databaseSettings, withDatabase, withPool, type BenchDatabase } from '../support/database.js';
import { createPost } from '../support/http-client.js';
import { startInstantNeighbours } from '../support/instant-neighbours.js';
import { percentile } from '../support/measure.js';
import { fail, printMachine, printTable } from '../support/report.js';
import { signedIn } from '../support/tokens.js';
import { changeOrders, type Changeable } from './changes.js';
import type { ClientOrder, ClientWord, SocketOfViewer } from './client-process.js';
import type { Moment } from './moments.js';
import type { ServerOrder, ServerWord } from './server-process.js';

const BUYERS = 1_000;
const ORDERS_OF_BUYER = 10;
const FOLLOWED_ORDERS = 100;
const SUBSCRIBERS_OF_ORDER = 10;
/** Changes a second: the light load, and more. */
const RATES = [20, 100];
/** Rounds over all followed orders at each rate: even, so that all are payable again. */
const ROUNDS = 4;
const CONNECTIONS = 16;
const WANTED_P99_MS = 20;
const WANTED_BYTES = 20_000;
const ARRIVAL_LIMIT_MS = 10_000;

type Server = Child<ServerOrder, ServerWord>;
type Clients = Child<ClientOrder, ClientWord>;

export async function run(): Promise<void> {
  printMachine(`${databaseSettings}; hints in memory`);
  await withDatabase(async (database) => {
    const neighbours = await startInstantNeighbours();
    const viewers = await fill(database);
    await withServer(database, neighbours.address, (server, url) => measureMemory(server, url, viewers));
    await withServer(database, neighbours.address, (server, url) => measureDelays(server, url, viewers));
    neighbours.stop();
  });
}

/** @returns all buyers with all their orders */
async function fill({ url }: BenchDatabase): Promise<SocketOfViewer[]> {
  const viewers: SocketOfViewer[] = [];
  await withPool(url, 1, async (pool) => {
    await fillOrders(pool, { count: BUYERS * ORDERS_OF_BUYER, buyers: BUYERS });
    const { rows } = await pool.query<{ id: string; orders: string[] }>(
      'select buyer_id as id, array_agg(id) as orders from orders group by 1',
    );
    for (const { id, orders } of rows) viewers.push({ headers: await signedIn(id, 'student'), orders });
  });
  return viewers;
}

async function withServer(
  database: BenchDatabase,
  neighbours: string,
  work: (server: Server, url: string) => Promise<void>,
): Promise<void> {
  const settings = { ...appSettings(database.url, neighbours), SUBSCRIPTIONS_PER_VIEWER: '1000' };
  const server: Server = startChild('bench/subscriptions/server-process.ts', settings);
  const { url } = await server.word<Extract<ServerWord, { url: string }>>();
  await work(server, `${url}/graphql`);
  await server.stop();
}

/** What the server holds for a stream on which nothing happens, each of another order, ten on a WebSocket. */
async function measureMemory(server: Server, url: string, viewers: readonly SocketOfViewer[]): Promise<void> {
  const warmUp = await follow(url, viewers.slice(0, 10));
  await warmUp.clients.stop();
  const before = await bytesOf(server);
  const { clients, following } = await follow(url, viewers);
  const bytes = ((await bytesOf(server)) - before) / following;
  await clients.stop();
  const wanted = `wanted less than ${WANTED_BYTES / 1_000}`;
  console.log(`an idle stream of ${following}: ${(bytes / 1_000).toFixed(1)} kB, ${wanted}\n`);
}

async function bytesOf(server: Server): Promise<number> {
  server.send('memory');
  return (await server.word<Extract<ServerWord, { bytes: number }>>()).bytes;
}

async function follow(url: string, sockets: readonly SocketOfViewer[]) {
  const clients: Clients = startChild('bench/subscriptions/client-process.ts');
  clients.send({ url: url.replace(/^http/, 'ws'), sockets });
  const { following } = await clients.word<Extract<ClientWord, { following: number }>>();
  return { clients, following };
}

/** Time from the commit of a change until its message has come to a client. */
async function measureDelays(server: Server, url: string, viewers: readonly SocketOfViewer[]): Promise<void> {
  const sockets = viewers.slice(0, FOLLOWED_ORDERS).map(({ headers, orders }) => {
    return { headers, orders: Array.from({ length: SUBSCRIBERS_OF_ORDER }, () => orders[0] as string) };
  });
  const orders = sockets.map(({ headers, orders: [id] }): Changeable => ({ id: id as string, headers }));
  const { clients, following } = await follow(url, sockets);
  const { post, close } = createPost(url, CONNECTIONS);
  const count = orders.length * ROUNDS;
  const delaysAt = async (perSecond: number) => {
    await changeOrders(post, orders, { perSecond, count });
    return delaysOf(await commitsOf(server), await arrivalsOf(clients, count * SUBSCRIBERS_OF_ORDER));
  };
  await delaysAt(Math.max(...RATES));
  const title = `${following} subscribers of ${orders.length} orders`;
  const rows = [[title, 'messages', 'commit to client p50 ms', 'p99 ms', 'wanted p99']];
  for (const [n, rate] of RATES.entries()) {
    const delays = await delaysAt(rate);
    const shown = [0.5, 0.99].map((share) => percentile(delays, share).toFixed(1));
    const wanted = n === 0 ? String(WANTED_P99_MS) : '';
    rows.push([`${rate} changes a second`, String(delays.length), ...shown, wanted]);
  }
  printTable(rows);
  close();
  await clients.stop();
}

async function commitsOf(server: Server): Promise<readonly Moment[]> {
  server.send('commits');
  return (await server.word<Extract<ServerWord, { commits: readonly Moment[] }>>()).commits;
}

/** All messages of some changes. It fails where not each came to everybody. */
async function arrivalsOf(clients: Clients, wanted: number): Promise<Moment[]> {
  const all: Moment[] = [];
  for (const until = Date.now() + ARRIVAL_LIMIT_MS; all.length < wanted && Date.now() < until; await pause(100)) {
    clients.send('arrivals');
    all.push(...(await clients.word<Extract<ClientWord, { arrivals: readonly Moment[] }>>()).arrivals);
  }
  if (all.length !== wanted) fail(`${all.length} messages came instead of ${wanted}`);
  return all;
}

function delaysOf(commits: readonly Moment[], arrivals: readonly Moment[]): number[] {
  const committed = new Map(commits.map(([id, version, at]) => [`${id} ${version}`, at]));
  return arrivals.map(([id, version, at]) => at - (committed.get(`${id} ${version}`) ?? Number.NaN));
}
