import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readSupergraphConfig } from '../../../dev/compose/supergraph-config.js';
import { startGateway } from '../../../dev/gateway/start-gateway.js';
import { freePort } from '../../../dev/laptop/ports.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { testLog } from '../../support/log.js';
import { connectGraph, type Answer } from '../support/graph.js';
import { startProduct, type Product } from '../support/product.js';
import { people, PLACE } from '../support/purchase-steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const SESSION = '923a7369-94e3-4f91-9a61-dbe22e44158b';
/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:9/graphql';
const PORTS = { orders: 'HTTP_PORT', users: 'USERS_PORT', courses: 'COURSES_PORT', sessions: 'SESSIONS_PORT' } as const;

type Name = keyof typeof PORTS;

/** Fields of all four teams, each where it hangs from another team's. */
const EVERYTHING = `{ me { id name orders { totalCount } }
  course(id: "${FEDERATION}") { id title instructor { name } viewerOrder { status } }
  upcomingSessions { id title remaining }
  myOrders { nodes { status buyer { name } items { title course { title } } } }
  session(id: "${SESSION}") { title } }`;
const REFUSED = `mutation ($ids: [ID!]!) { placeOrder(input: { courseIds: $ids }) { __typename
  ... on OwnCourse { code courseIds courses { title } } } }`;

/** What is left of the whole answer while a subgraph fails: its own fields are null, with what cannot be without them. */
const LEFT: Readonly<Record<Name, (whole: Answer['data']) => object>> = {
  users: ({ course, myOrders, ...rest }) => ({
    ...rest,
    me: null,
    course: { ...course, instructor: null },
    myOrders: { nodes: myOrders.nodes.map((order: object) => ({ ...order, buyer: null })) },
  }),
  courses: ({ myOrders, ...rest }) => ({
    ...rest,
    course: null,
    myOrders: {
      nodes: myOrders.nodes.map((order: { items: object[] }) => ({
        ...order,
        items: order.items.map((item) => ({ ...item, course: null })),
      })),
    },
  }),
  sessions: (whole) => ({ ...whole, upcomingSessions: null }),
  orders: ({ me, course, upcomingSessions }) => ({
    me: { ...me, orders: null },
    course: { ...course, viewerOrder: null },
    upcomingSessions: upcomingSessions.map((session: object) => ({ ...session, title: null, remaining: null })),
    myOrders: null,
    session: null,
  }),
};

let product: Product;
let broken: Server;
let urls: Readonly<Record<Name, string>>;
let whole: Answer;

beforeAll(async () => {
  const ports = await choosePorts();
  urls = Object.fromEntries(ports.map(([name, port]) => [name, `http://127.0.0.1:${port}/graphql`])) as typeof urls;
  product = await startProduct(Object.fromEntries(ports.map(([name, port]) => [PORTS[name], String(port)])));
  broken = createServer((_request, response) => void response.writeHead(500).end('<h1>Internal Server Error</h1>'));
  await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
  const asha = await product.as(people.asha);
  await asha.ask(PLACE, { input: { courseIds: [FEDERATION] } });
  whole = await asha.ask(EVERYTHING);
}, 60_000);
afterAll(async () => {
  broken.close();
  await product.stop();
}, 30_000);

async function choosePorts(): Promise<[Name, number][]> {
  const taken = new Set<number>();
  const chosen: [Name, number][] = [];
  for (const name of Object.keys(PORTS) as Name[]) {
    const port = await freePort(taken);
    taken.add(port);
    chosen.push([name, port]);
  }
  return chosen;
}

/** Asks a gateway that finds one subgraph elsewhere. */
async function askWith(
  name: Name,
  url: string,
  userId: string,
  query: string,
  variables: object = {},
): Promise<Answer> {
  const subgraphs = readSupergraphConfig(readFileSync('supergraph.yaml', 'utf8'), '.').map((subgraph) => ({
    ...subgraph,
    url: subgraph.name === name ? url : urls[subgraph.name as Name],
  }));
  const gateway = await startGateway({ port: 0, subgraphs, log: (line) => testLog().debug(line) });
  const roles = userId === people.ines ? ['instructor'] : ['student'];
  const graph = connectGraph(
    gateway.url,
    await signToken({ userId, roles, ttlSeconds: 600, secret: LAPTOP_JWT_SECRET }),
  );
  try {
    return await graph.ask(query, variables);
  } finally {
    await graph.close();
    await gateway.stop();
  }
}

const troubles: [string, () => string][] = [
  ['is not there', () => NOBODY],
  ['answers 500', () => `http://127.0.0.1:${(broken.address() as AddressInfo).port}/graphql`],
];
const cases = (Object.keys(LEFT) as Name[]).flatMap((name) =>
  troubles.map(([what, url]) => [name, what, url] as const),
);

describe('given fields of four teams in one query', () => {
  it('when all subgraphs answer, then nothing is missing', () => {
    expect(whole.errors).toBeUndefined();
    expect(whole.data).toMatchObject({
      me: { name: 'Asha Rao', orders: { totalCount: 1 } },
      course: { instructor: { name: 'Ines Duarte' }, viewerOrder: { status: 'PENDING_PAYMENT' } },
      myOrders: { nodes: [{ buyer: { name: 'Asha Rao' }, items: [{ course: { title: expect.any(String) } }] }] },
      session: { title: 'Schema design clinic' },
    });
    expect(whole.data.upcomingSessions).toHaveLength(8);
  });

  it.each(cases)('when the subgraph of %s %s, then no other team’s field is null with it', async (name, _what, url) => {
    const { data, errors = [] } = await askWith(name, url(), people.asha, EVERYTHING);
    expect(data).toEqual(LEFT[name](whole.data));
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe('given a refusal that names courses', () => {
  it.each(troubles)(
    'when the subgraph of courses %s, then the refusal is whole but for their titles',
    async (_what, url) => {
      const { data } = await askWith('courses', url(), people.ines, REFUSED, { ids: [FEDERATION] });
      expect(data.placeOrder).toEqual({
        __typename: 'OwnCourse',
        code: 'OWN_COURSE',
        courseIds: [FEDERATION],
        courses: [null],
      });
    },
  );
});
