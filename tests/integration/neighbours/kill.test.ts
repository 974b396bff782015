import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createChannel, createClient } from 'nice-grpc';
import pg from 'pg';
import { pino } from 'pino';
import { TOPICS } from '../../../dev/neighbours/events.js';
import { PaymentServiceV1Definition } from '../../../dev/neighbours/payment-service/v1-definition.js';
import { loadSampleData } from '../../../dev/sample/sample-data.js';
import { Provider } from '../../../src/generated/payment_common.js';
import type { Bus, Consumption } from '../../../src/messaging/bus/bus.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';
import { eventually } from '../../support/eventually.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';
import type { FakeOrders } from './stand.js';
import { payableOrder, startFakeOrders } from './stand.js';

const PURCHASES = 30;
const ROUNDS = 4;

interface Process {
  readonly child: ChildProcess;
  readonly addresses: { readonly payment: string };
  readonly pageUrl: string;
}

let database: TestDatabase;
let pool: pg.Pool;
let bus: Bus;
let orders: FakeOrders;
let listening: Consumption;
let running: Process | undefined;
const seen: { topic: string; payload: Record<string, unknown> }[] = [];

beforeAll(async () => {
  database = await createDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
  bus = createPostgresBus({ pool, partitions: 2, log: pino({ level: 'silent' }) });
  orders = await startFakeOrders();
  listening = await bus.consume({
    group: 'test',
    topics: TOPICS,
    handle: async (batch) => {
      for (const { topic, value } of batch) seen.push({ topic, payload: JSON.parse(value).payload });
    },
  });
});
afterAll(async () => {
  await kill();
  await listening.stop();
  await bus.close();
  orders.stop();
  await pool.end();
  await database.drop();
});

async function start(): Promise<Process> {
  const child = spawn(process.execPath, ['dev/run.mjs', 'tests/integration/neighbours/neighbours-process.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DATABASE_URL: database.url, ORDER_SERVICE: orders.address },
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  running = { child, ...JSON.parse(line) };
  return running as Process;
}

async function kill(): Promise<void> {
  if (!running || running.child.exitCode !== null || running.child.signalCode !== null) return;
  const gone = once(running.child, 'exit');
  running.child.kill('SIGKILL');
  await gone;
}

/** Creates a payment, approves it and announces the paid order; answers the payment's id when the page has accepted. */
async function buy({ addresses, pageUrl }: Process, courseId: string): Promise<{ paymentId: string; userId: string }> {
  const [orderId, userId] = [randomUUID(), randomUUID()];
  orders.answers.set(orderId, payableOrder(orderId, userId));
  const channel = createChannel(addresses.payment);
  try {
    const client = createClient(PaymentServiceV1Definition, channel);
    const request = { orderId, userId, idempotencyKey: randomUUID(), provider: Provider.STRIPE };
    const { result } = await client.createPayment(request);
    if (result?.$case !== 'success' || result.value.session?.$case !== 'stripe') throw new Error('no session');
    const page = `${pageUrl}/pay/${result.value.session.value.sessionId}/approve`;
    const response = await fetch(page, { method: 'POST' });
    if (!response.ok) throw new Error(`the page answers ${response.status}`);
    await announce(orderId, userId, courseId);
    return { paymentId: result.value.paymentId, userId };
  } finally {
    channel.close();
  }
}

async function announce(orderId: string, userId: string, courseId: string): Promise<void> {
  const publisher = bus.publisher();
  const payload = { orderId, userId, items: [{ courseId, price: 49_900 }], amount: 49_900 };
  const value = JSON.stringify({ eventId: randomUUID(), payload });
  await publisher.send([{ topic: 'order.course.succeeded.v1', key: orderId, value }], 5_000);
  await publisher.close();
}

describe('kill -9 in the middle of purchases', () => {
  it('loses no approved payment and no enrolment', async () => {
    const courseId = loadSampleData({}).courses[0]?.id ?? '';
    const accepted: { paymentId: string; userId: string }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const process = await start();
      const purchases = Array.from({ length: PURCHASES }, () => buy(process, courseId));
      // Killed once a third of this round's purchases has been accepted, in the middle of the others.
      const target = accepted.length + PURCHASES / 3;
      const counted = purchases.map((purchase) => purchase.then((bought) => accepted.push(bought)));
      await eventually(() => accepted.length >= target, Boolean, { everyMs: 1 });
      await kill();
      await Promise.allSettled(counted);
    }
    await start();
    const missing = () => {
      const paid = new Set(
        seen.filter(({ topic }) => /succeeded/.test(topic)).map(({ payload }) => payload['paymentId']),
      );
      const enrolled = new Set(
        seen.filter(({ topic }) => /enrollment/.test(topic)).map(({ payload }) => payload['studentId']),
      );
      return accepted.filter(({ paymentId, userId }) => !paid.has(paymentId) || !enrolled.has(userId));
    };
    await eventually(missing, ({ length }) => length === 0);
    const { rows } = await pool.query(`SELECT status, count(*)::int FROM neighbours.payments GROUP BY status`);
    const successes = rows.find(({ status }) => status === 'success')?.count;
    expect(successes).toBeGreaterThanOrEqual(accepted.length);
    const told = new Set(
      seen.filter(({ topic }) => topic === 'payment.order.succeeded.v1').map(({ payload }) => payload['paymentId']),
    );
    expect(told.size).toBe(successes);
  });
});
