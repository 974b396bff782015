import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../dev/laptop/ports.js';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { signToken } from '../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import { connectGraph, type Graph } from '../e2e/support/graph.js';
import { PLACE, SHOW, START } from '../e2e/support/purchase-steps.js';
import { startLaptopProcess, type LaptopProcess } from '../integration/laptop/laptop-process.js';
import { scaled } from '../support/scale.js';

const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const PURCHASES = scaled(60);
const KILLS = scaled(10);
const LIMIT_MS = 240_000;

const dataDir = mkdtempSync(join(tmpdir(), 'orders-kill-'));
// Open to PostgreSQL's own user, so that its files stay where the test looks for its process.
chmodSync(dataDir, 0o755);
let laptop: LaptopProcess | undefined;

afterAll(async () => {
  laptop?.signal('SIGTERM');
  await laptop?.ended();
  rmSync(dataDir, { recursive: true, force: true });
}, 30_000);

describe('given buyers in the middle of their purchases', () => {
  it(
    'when everything is killed again and again, then every accepted order is completed by its buyer’s next steps',
    async () => {
      const env = await fixedPorts();
      const first = await start(env);
      const students = generatedStudentIds(PURCHASES);
      let done = 0;
      const purchases = students.map((id) => purchase(id, env).finally(() => (done += 1)));
      const kills = killAgainAndAgain(first, env, () => done === PURCHASES);
      const orders = await Promise.all(purchases);
      const killed = await kills;

      expect(orders.map(({ status, fulfilment }) => `${status} ${fulfilment}`)).toEqual(
        Array(PURCHASES).fill('SUCCEEDED FULFILLED'),
      );
      expect(new Set(orders.map(({ id }) => id)).size).toBe(PURCHASES);
      for (const { timeline, captured, refunded, total, orderCount } of orders) {
        expect(orderCount).toBe(1);
        expect(timeline.map(({ version }) => version)).toEqual(timeline.map((_, i) => i + 1));
        expect(captured.amount - refunded.amount).toBe(total.amount);
      }
      expect(killed).toBeGreaterThanOrEqual(1);
      process.stdout.write(`kill -9 of everything: ${PURCHASES} purchases, ${killed} kills, all fulfilled\n`);
    },
    LIMIT_MS,
  );
});

type Env = Readonly<Record<string, string>>;

async function fixedPorts(): Promise<Env> {
  const taken = new Set<number>();
  const ports: Record<string, string> = {};
  for (const name of ['GATEWAY', 'HTTP', 'USERS', 'COURSES', 'SESSIONS', 'DEV', 'GRPC']) {
    const port = await freePort(taken);
    taken.add(port);
    ports[`${name}_PORT`] = String(port);
  }
  const embedded = { DATABASE_URL: '', KAFKA_BROKERS: '', REDIS_URL: '' };
  return { ...ports, ...embedded, DATA_DIR: dataDir, SAMPLE_STUDENTS: String(PURCHASES) };
}

async function start(env: Env): Promise<LaptopProcess> {
  const started = startLaptopProcess(env);
  laptop = started;
  await started.untilReady();
  return started;
}

/** The product and its PostgreSQL die at once, without a word. @returns how often */
async function killAgainAndAgain(first: LaptopProcess, env: Env, isDone: () => boolean): Promise<number> {
  let running = first;
  let kills = 0;
  while (kills < KILLS && !isDone()) {
    // The moment is to be any: this is the fault, not a wait for something.
    await pause(300 + Math.random() * 1_500);
    const pid = Number(readFileSync(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);
    running.signal('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await running.ended();
    kills += 1;
    running = await start(env);
  }
  return kills;
}

interface ShownOrder {
  readonly id: string;
  readonly status: string;
  readonly fulfilment: string;
  readonly timeline: readonly { version: number }[];
  readonly captured: { amount: number };
  readonly refunded: { amount: number };
  readonly total: { amount: number };
  readonly orderCount: number;
}

/** A buyer who does not give up: every step is repeated until it is answered. */
async function purchase(userId: string, env: Env): Promise<ShownOrder> {
  const token = await signToken({ userId, roles: ['student'], ttlSeconds: 3_600, secret: LAPTOP_JWT_SECRET });
  const graph = connectGraph(`http://127.0.0.1:${env.GATEWAY_PORT}/graphql`, token);
  const input = { courseIds: [COURSE], idempotencyKey: `purchase-${userId}` };
  const orderId = await insist(async () => (await graph.ask(PLACE, { input })).data.placeOrder.order.id as string);
  const order = await insist(() => payUntilFulfilled(graph, orderId, env));
  const orderCount = await insist(
    async () => (await graph.ask('{ myOrders { totalCount } }')).data.myOrders.totalCount as number,
  );
  await graph.close();
  return { ...order, orderCount };
}

async function payUntilFulfilled(graph: Graph, id: string, env: Env): Promise<ShownOrder> {
  const { order } = (await graph.ask(SHOW, { id })).data as { order: ShownOrder };
  if (order.fulfilment === 'FULFILLED') return order;
  if (order.status === 'PENDING_PAYMENT' || order.status === 'PROCESSING') {
    const { data } = await graph.ask(START, { input: { orderId: id, provider: 'STRIPE' } });
    const session = data.startPayment.session?.sessionId as string | undefined;
    if (session) await fetch(`http://127.0.0.1:${env.DEV_PORT}/pay/${session}/approve`, { method: 'POST' });
  }
  throw new Error(`not yet: ${order.status} ${order.fulfilment}`);
}

async function insist<T>(step: () => Promise<T>): Promise<T> {
  const until = Date.now() + LIMIT_MS - 30_000;
  for (;;) {
    try {
      const result = await step();
      if (result !== undefined) return result;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await pause(150);
  }
}
