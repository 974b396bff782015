import pg from 'pg';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { createChannel, createClient, createServer, ServerError, Status } from 'nice-grpc';
import type { CompatServiceDefinition } from 'nice-grpc';
import type { Neighbours, NeighboursOptions } from '../../../dev/neighbours/start-neighbours.js';
import { startNeighbours } from '../../../dev/neighbours/start-neighbours.js';
import { TOPICS } from '../../../dev/neighbours/events.js';
import type { SampleData } from '../../../dev/sample/sample-data.js';
import { loadSampleData } from '../../../dev/sample/sample-data.js';
import type { DeepPartial, OrderData, OrderResponse } from '../../../src/generated/order_service.js';
import { OrderServiceDefinition } from '../../../src/generated/order_service.js';
import type { Bus } from '../../../src/messaging/bus/bus.js';
import { createPostgresBus } from '../../../src/messaging/bus/postgres-bus.js';
import { createDatabase } from '../../support/postgres.js';

const FREE_PORTS = { user: 0, course: 0, session: 0, payment: 0, page: 0 };

/** An event as it was read from the bus. */
export interface SeenEvent {
  readonly topic: string;
  readonly key: string;
  readonly envelope: {
    readonly eventId: string;
    readonly eventType: string;
    readonly timestamp: number;
    readonly source?: string;
    readonly payload: Readonly<Record<string, unknown>>;
  };
}

/** What the fake order service knows: an order's answer by its id; the calls it got. */
export interface FakeOrders {
  readonly address: string;
  readonly answers: Map<string, DeepPartial<OrderResponse>>;
  readonly calls: { readonly orderId: string; readonly userId: string; readonly metadataKeys: string[] }[];
  stop(): void;
}

export async function startFakeOrders(): Promise<FakeOrders> {
  const answers: FakeOrders['answers'] = new Map();
  const calls: FakeOrders['calls'] = [];
  const server = createServer();
  server.add(OrderServiceDefinition, {
    ...unimplemented(),
    getOrderById: async ({ orderId, userId }, { metadata }) => {
      calls.push({ orderId, userId, metadataKeys: [...metadata].map(([key]) => key) });
      const answer = answers.get(orderId);
      if (!answer) throw new ServerError(Status.NOT_FOUND, 'Order not found');
      return answer;
    },
  });
  const port = await server.listen('127.0.0.1:0');
  return { address: `127.0.0.1:${port}`, answers, calls, stop: () => server.forceShutdown() };
}

function unimplemented() {
  const refuse = async (): Promise<never> => {
    throw new ServerError(Status.UNIMPLEMENTED, 'not part of the fake');
  };
  return {
    placeOrder: refuse,
    getOrders: refuse,
    getOrderStatus: refuse,
    restoreOrder: refuse,
    getRevenueStats: refuse,
    bookSession: refuse,
  };
}

/** An order that can be paid; amounts in minor units. */
export function payableOrder(id: string, userId: string, changes: DeepPartial<OrderData> = {}) {
  const order = {
    id,
    userId,
    status: 'pending_payment',
    amount: { total: 49_900, currency: 'INR', subTotal: 99_900, discount: 50_000 },
    items: [{ courseId: 'course', price: 49_900 }],
    ...changes,
  };
  return { result: { $case: 'success', value: { order } } } as const;
}

export interface Stand {
  readonly pool: Pool;
  readonly bus: Bus;
  readonly sample: SampleData;
  readonly orders: FakeOrders;
  readonly seen: SeenEvent[];
  /** The running ones: others after a restart. */
  readonly neighbours: Neighbours;
  readonly client: typeof clientOf;
  /** Stops the neighbours and starts them again on their database. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const channels = new Set<ReturnType<typeof createChannel>>();

function clientOf<Definition extends CompatServiceDefinition>(definition: Definition, address: string) {
  const channel = createChannel(address);
  channels.add(channel);
  return createClient(definition, channel);
}

/** A database, a bus that is listened to, a fake order service and the neighbours. */
export async function openStand(options: { contract?: 'v1' | 'v2'; paymentLifeMs?: number } = {}): Promise<Stand> {
  const database = await createDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 8 });
  const log = pino({ level: 'silent' });
  const bus = createPostgresBus({ pool, partitions: 2, log });
  const orders = await startFakeOrders();
  const sample = loadSampleData({});
  const seen: SeenEvent[] = [];
  const listening = await bus.consume({
    group: 'test',
    topics: TOPICS,
    handle: async (batch) => {
      for (const { topic, key, value } of batch) seen.push({ topic, key, envelope: JSON.parse(value) });
    },
  });
  const neighboursOptions: NeighboursOptions = {
    pool,
    bus,
    sample,
    orderServiceAddress: orders.address,
    paymentContract: options.contract ?? 'v2',
    ports: FREE_PORTS,
    paymentLifeMs: options.paymentLifeMs,
    log: (line) => log.info(line),
  };
  let neighbours = await startNeighbours(neighboursOptions);
  return {
    pool,
    bus,
    sample,
    orders,
    seen,
    get neighbours() {
      return neighbours;
    },
    client: clientOf,
    restart: async () => {
      await neighbours.stop();
      neighbours = await startNeighbours(neighboursOptions);
    },
    close: async () => {
      for (const channel of channels) channel.close();
      channels.clear();
      await neighbours.stop();
      await listening.stop();
      await bus.close();
      orders.stop();
      await pool.end();
      await database.drop();
    },
  };
}
