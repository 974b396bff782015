import type { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { createBookSession, type BookSession } from '../../src/commands/book-session.js';
import { createCancelPayment, type CancelPayment } from '../../src/commands/cancel-payment.js';
import { createConfirmPayment, type ConfirmPayment } from '../../src/commands/confirm-payment.js';
import type { Environment } from '../../src/commands/environment.js';
import { createPlaceOrder, type PlaceOrder } from '../../src/commands/place-order.js';
import { createSeatsFreed } from '../../src/commands/promote-waiting.js';
import { createStartPayment, type StartPayment } from '../../src/commands/start-payment.js';
import { loadConfig } from '../../src/config.js';
import { Order } from '../../src/entities/order.js';
import type { BookingCommitListener } from '../../src/persistence/booking-recorder.js';
import type { CommitListener } from '../../src/persistence/event-recorder.js';
import { GroupWriter } from '../../src/persistence/group-writer.js';
import { migrate } from '../../src/persistence/migrate.js';
import { openOrm, type Fork } from '../../src/persistence/orm.js';
import { createRecorders } from '../../src/recorders.js';
import { policiesOf, type Policies } from '../../src/policies/policies.js';
import { idOf, idSequence } from './ids.js';
import { testLog } from './log.js';
import { createDatabase } from './postgres.js';
import { startPostgresProxy, type PostgresProxy } from './postgres-proxy.js';
import { StubNeighbours } from './stub-neighbours.js';
import { TestClock } from './test-clock.js';

/** Every table that a command may write to. */
const TABLES = [
  'orders',
  'order_items',
  'order_claims',
  'payment_attempts',
  'order_refunds',
  'order_events',
  'sagas',
  'outbox',
  'notices',
  'session_bookings',
  'session_booking_events',
  'session_waitlist',
  'inbox',
  'idempotency',
] as const;

export type RowCounts = Readonly<Record<(typeof TABLES)[number], number>>;

/** One process of the service: commands with an ORM, pool and writer of their own. */
export interface TestProcess {
  readonly orm: MikroORM;
  readonly fork: Fork;
  readonly env: Environment;
  readonly placeOrder: PlaceOrder;
  readonly startPayment: StartPayment;
  readonly confirmPayment: ConfirmPayment;
  readonly cancelPayment: CancelPayment;
  readonly bookSession: BookSession;
  close(): Promise<void>;
}

/** A migrated database with the service's commands on it, stub neighbours, a clock that stands still, and a proxy. */
export interface OrderStand extends TestProcess {
  readonly databaseUrl: string;
  readonly clock: TestClock;
  readonly neighbours: StubNeighbours;
  readonly proxy: PostgresProxy;
  /** What the recorder's listener was told after commits. */
  readonly commits: Parameters<CommitListener>[0][number][];
  readonly bookingCommits: Parameters<BookingCommitListener>[0][number][];
  /** Looks at the database from outside. */
  sql<T extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
  counts(): Promise<RowCounts>;
  /** The order with all its parts, in a unit of work of its own. */
  load(orderId: string): Promise<Order>;
  /** Another process over the same database and neighbours, not through the proxy. */
  newProcess(changes?: Partial<Environment>): Promise<TestProcess>;
}

interface ProcessParts {
  readonly url: string;
  readonly clock: TestClock;
  readonly neighbours: StubNeighbours;
  readonly policies: Policies;
  readonly newId: () => string;
  readonly onCommit: CommitListener;
  readonly onBookings: BookingCommitListener;
  readonly onQuery?: (sql: string) => void;
}

async function startProcess(parts: ProcessParts, changes: Partial<Environment> = {}): Promise<TestProcess> {
  const { url, onQuery, onCommit, onBookings, ...rest } = parts;
  const recorders = createRecorders();
  Object.assign(recorders, { ordersCommitted: onCommit, bookingsCommitted: onBookings });
  const orm = await openOrm({
    url,
    poolMax: 8,
    statementTimeout: 10_000,
    lockTimeout: 5_000,
    recorders: recorders.all,
    onQuery,
  });
  const fork: Fork = () => orm.em.fork();
  const env: Environment = { fork, writer: new GroupWriter(fork), log: testLog(), ...rest, ...changes };
  recorders.seatsFreed = createSeatsFreed(env);
  return {
    orm,
    fork,
    env,
    placeOrder: createPlaceOrder(env),
    startPayment: createStartPayment(env),
    confirmPayment: createConfirmPayment(env),
    cancelPayment: createCancelPayment(env),
    bookSession: createBookSession(env),
    close: () => orm.close(),
  };
}

/** Opens a stand with an empty database of its own. */
export async function openOrderStand(settings: Readonly<Record<string, string>> = {}): Promise<OrderStand> {
  const database = await createDatabase();
  await migrate(database.url, testLog());
  const proxy = await startPostgresProxy(database.url);
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  const commits: OrderStand['commits'] = [];
  const bookingCommits: OrderStand['bookingCommits'] = [];
  const clock = new TestClock();
  const neighbours = new StubNeighbours();
  const parts = {
    clock,
    neighbours,
    policies: policiesOf(loadConfig(settings)),
    newId: idSequence('order stand'),
    onCommit: (orders: Parameters<CommitListener>[0]) => void commits.push(...orders),
    onBookings: (bookings: Parameters<BookingCommitListener>[0]) => void bookingCommits.push(...bookings),
  };
  const main = await startProcess({ ...parts, url: proxy.url });
  const others: TestProcess[] = [];
  const sql: OrderStand['sql'] = async (text, values) => (await pool.query(text, values)).rows as never;
  return {
    ...main,
    databaseUrl: database.url,
    clock,
    neighbours,
    proxy,
    commits,
    bookingCommits,
    sql,
    counts: async () => {
      const each = TABLES.map((table) => `(select count(*)::int from ${table}) as ${table}`);
      return (await sql(`select ${each.join(', ')}`))[0] as RowCounts;
    },
    load: (orderId) =>
      main.fork().findOneOrFail(Order, orderId, { populate: ['itemRows', 'attempts', 'claims'] as never }),
    newProcess: async (changes) => {
      const other = await startProcess({ ...parts, url: database.url }, changes);
      others.push(other);
      return other;
    },
    close: async () => {
      await Promise.all([main, ...others].map((process) => process.close()));
      await proxy.close();
      await pool.end();
      await database.drop();
    },
  };
}

/** A cart of courses by name, put on sale where they are new. */
export function cartOf(stand: OrderStand, ...names: readonly string[]): string[] {
  return names.map((name) =>
    stand.neighbours.catalogue.has(idOf(name)) ? idOf(name) : stand.neighbours.addCourse(name),
  );
}

/** Places an order by the real command. @throws Error when it was refused */
export async function placeFor(stand: OrderStand, buyer: string, ...courses: readonly string[]): Promise<Order> {
  const outcome = await stand.placeOrder(idOf(buyer), {
    courseIds: cartOf(stand, ...courses),
    couponCode: null,
    idempotencyKey: null,
  });
  if (!('order' in outcome)) throw new Error(`refused: ${outcome.message}`);
  return outcome.order;
}
