import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signToken } from '../../dev/sample/sign-token.js';
import { startApp, type App } from '../../src/app.js';
import { LAPTOP_JWT_SECRET, loadConfig } from '../../src/config.js';
import { createPostgresBus } from '../../src/messaging/bus/postgres-bus.js';
import { createMemoryHints } from '../../src/subscriptions/memory-hints.js';
import pg from 'pg';
import { httpDoor, openSocket } from '../integration/server/server-stand.js';
import { idOf } from '../support/ids.js';
import { testLog } from '../support/log.js';
import { scaled } from '../support/scale.js';
import { BUYERS, openChangingOrders, type ChangingOrders } from './support/changing-orders.js';
import { contradictionsOf, ORDER, type AnsweredOrder } from './support/order-invariants.js';

/** How many answers are read while orders change. */
const READINGS = scaled(10_000);
const NOBODY = '127.0.0.1:9';
const READERS = 2;

let orders: ChangingOrders;
let pool: pg.Pool;
let app: App;
const hints = createMemoryHints();

beforeAll(async () => {
  orders = await openChangingOrders();
  pool = new pg.Pool({ connectionString: orders.stand.databaseUrl, max: 4 });
  const neighbours = { USER_SERVICE_GRPC: NOBODY, COURSE_SERVICE_GRPC: NOBODY, PAYMENT_SERVICE_GRPC: NOBODY };
  const ports = { HTTP_HOST: '127.0.0.1', HTTP_PORT: '0', GRPC_PORT: '0', SHUTDOWN_DELAY_MS: '0', RATE_LIMIT: 'off' };
  const secrets = { DATABASE_URL: orders.stand.databaseUrl, JWT_ACCESS_TOKEN_SECRET: LAPTOP_JWT_SECRET };
  const bus = createPostgresBus({ pool, partitions: 1, log: testLog() });
  app = await startApp(loadConfig({ ...neighbours, ...ports, ...secrets }), { bus, hints, log: testLog() });
}, 60_000);
afterAll(async () => {
  await app.stop();
  await pool.end();
  await orders.close();
}, 60_000);

const tokenOf = (userId: string, roles: string[]) =>
  signToken({ userId, roles, ttlSeconds: 3_600, secret: LAPTOP_JWT_SECRET });

const REFUND = `mutation ($input: RequestRefundInput!) { requestRefund(input: $input) {
  ... on RequestRefundSuccess { order { ${ORDER} } refund { id status order { ${ORDER} } } } ... on UserError { message } } }`;
const FOLLOW = `subscription { myOrdersChanged { version order { ${ORDER} } } }`;
const PAGE = `orders(first: 6) { nodes { ${ORDER} } }`;

/** What is asked at each door, of what changed last; and which orders an answer shows. */
const QUESTIONS: Readonly<Record<string, (recent: ChangingOrders['recent']) => readonly [string, object]>> = {
  order: ({ orders: [id] }) => [`query ($id: ID!) { order(id: $id) { ${ORDER} } }`, { id }],
  'an order and its list': ({ orders: [id] }) => [`query ($id: ID!) { order(id: $id) { ${ORDER} } ${PAGE} }`, { id }],
  refunds: () => [`{ refunds(first: 6) { nodes { id status order { ${ORDER} } } } }`, {}],
  bookings: ({ bookings }) => [
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on SessionBooking { id status version order { ${ORDER} } } } }`,
    { of: bookings.slice(0, 6).map((id) => ({ __typename: 'SessionBooking', id })) },
  ],
  entities: ({ orders: ids }) => [
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Order { ${ORDER} } ... on User { ${PAGE} } } }`,
    {
      of: [
        ...ids.slice(0, 4).map((id) => ({ __typename: 'Order', id })),
        ...BUYERS.map((name) => ({ __typename: 'User', id: idOf(name) })),
      ],
    },
  ],
};

/** Everything that looks like an order in an answer, wherever it is. */
function ordersIn(value: unknown): AnsweredOrder[] {
  if (Array.isArray(value)) return value.flatMap(ordersIn);
  if (typeof value !== 'object' || value === null) return [];
  return ['timeline' in value ? value : [], ...Object.values(value).map(ordersIn)].flat();
}

/** One order is shown in one version, and a booking or refund as its order shows it. */
function contradictionsIn(data: unknown): string[] {
  const shown = ordersIn(data);
  const versions = Map.groupBy(shown, ({ id }) => id as string);
  const twice = [...versions].filter(([, all]) => new Set(all.map(({ version }) => version as number)).size > 1);
  return [
    ...shown.flatMap(contradictionsOf),
    ...twice.map(([id]) => `${id} is shown in two versions`),
    ...besides(data),
  ];
}

function besides(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(besides);
  if (typeof value !== 'object' || value === null) return [];
  const { id, status, order } = value as AnsweredOrder;
  const parts: AnsweredOrder[] = order?.timeline
    ? [...order.refunds, ...order.items.map(({ booking }: AnsweredOrder) => booking)]
    : [];
  const same = parts.find((part) => part?.id === id);
  const differs = same && same.status !== status ? [`${id} is ${status}, and ${same.status} in its order`] : [];
  return [...differs, ...Object.values(value).flatMap(besides)];
}

test('given an operation of two mutations of one order, when it is asked again and again, then each shows what it has left', async () => {
  const { ask } = httpDoor(`${app.httpUrl}/graphql`);
  const admin = await tokenOf(idOf('operator'), ['admin']);
  const success = '... on RequestRefundSuccess { refund { id } order { version refunds { id } timeline { version } } }';
  const both = `mutation ($one: RequestRefundInput!, $other: RequestRefundInput!) {
    one: requestRefund(input: $one) { ${success} } other: requestRefund(input: $other) { ${success} } }`;
  for (const name of ['first', 'compiled', 'third']) {
    const { id: orderId, items } = await orders.buy('eva', name);
    const [one, other] = items.map((item) => ({ orderId, itemIds: [item] }));
    const { data, errors } = await ask(both, { one, other }, admin);
    expect(errors).toBeUndefined();
    expect([data.one, data.other].map(({ order }) => order.refunds.length)).toEqual([1, 2]);
    for (const { order, refund } of [data.one, data.other]) {
      expect(order.refunds.map(({ id }: AnsweredOrder) => id)).toContain(refund.id);
      expect(order.timeline.at(-1)).toEqual({ version: order.version });
    }
  }
});

test('given orders that are paid, refunded, booked and given back without a pause, then every answer shows each of them in one version', async () => {
  const { ask } = httpDoor(`${app.httpUrl}/graphql`);
  const admin = await tokenOf(idOf('operator'), ['admin']);
  const readings: Record<string, number> = {};
  const contradictions: string[] = [];
  const versions = new Set<number>();
  const look = (door: string, data: unknown) => {
    readings[door] = (readings[door] ?? 0) + 1;
    contradictions.push(...contradictionsIn(data));
    for (const { version } of ordersIn(data)) versions.add(version as number);
  };
  const answered = async (query: string, variables: object) => {
    const { data, errors } = await ask(query, variables, admin);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const count = () => Object.values(readings).reduce((sum, one) => sum + one, 0);

  const sockets = await Promise.all(
    BUYERS.map(async (name) => {
      const token = await tokenOf(idOf(name), ['student']);
      const socket = openSocket(`${app.httpUrl}/graphql`, { Authorization: `Bearer ${token}` });
      const next = ({ data }: { data?: unknown }) => look('streams', data);
      socket.subscribe(
        { query: FOLLOW },
        { next, error: (error) => contradictions.push(String(error)), complete: () => undefined },
      );
      return socket;
    }),
  );
  orders.run(hints, async (orderId, itemIds) =>
    look('mutations', await answered(REFUND, { input: { orderId, itemIds } })),
  );
  const read = async () => {
    while (count() < READINGS) {
      for (const [door, question] of Object.entries(QUESTIONS)) {
        if (orders.recent.bookings.length === 0) await answered('{ __typename }', {});
        else look(door, await answered(...question(orders.recent)));
      }
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  const written = await orders.stop();
  for (const socket of sockets) await socket.dispose();

  expect(contradictions).toEqual([]);
  expect(count()).toBeGreaterThanOrEqual(READINGS);
  expect([...Object.keys(QUESTIONS), 'mutations', 'streams'].filter((door) => !readings[door])).toEqual([]);
  expect(Object.entries(written).filter(([, times]) => times === 0)).toEqual([]);
  expect(versions.size).toBeGreaterThan(8);
}, 900_000);
