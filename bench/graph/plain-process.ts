/**
 * What the graph is measured against, in a process of its own: the statements of the service through plain `pg`, answered by
 * a bare HTTP server with JSON of the same shape. It checks nothing and knows no GraphQL.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

/** What the server says once. */
export interface Listening {
  readonly url: string;
}

interface Item {
  readonly id: string;
  readonly order_id: string;
  readonly title: string;
  readonly price_minor: string;
  readonly currency: string;
}

interface Order {
  readonly id: string;
  readonly buyer_id: string;
  readonly number: string;
  readonly status: string;
  readonly placed_at: Date;
  readonly total_minor: string;
  readonly currency: string;
}

const ORDERS = {
  name: 'orders',
  text: `select page.* from unnest($1::uuid[]) buyer (id) cross join lateral (
    select * from orders where buyer_id = buyer.id order by placed_at desc, id desc limit 6) page`,
};
const ITEMS = {
  name: 'items',
  text: `select item.* from order_items item join orders on orders.id = item.order_id and orders.revision = item.revision
    where item.order_id = any($1::uuid[]) order by item.position`,
};
const FIRST = 5;

process.once('disconnect', () => process.exit(0));
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.CONNECTIONS) });
const server = createServer((request, response) => {
  void textOf(request).then(async (text) => {
    const body = JSON.stringify(await entitiesOf(JSON.parse(text).variables.refs));
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } satisfies Listening);
});

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  return text;
}

async function entitiesOf(refs: readonly { readonly id: string }[]): Promise<object> {
  const { rows: orders } = await pool.query<Order>(ORDERS, [refs.map(({ id }) => id)]);
  const ofBuyer = new Map(
    [...Map.groupBy(orders, (order) => order.buyer_id)].map(([id, list]) => [id, list.slice(0, FIRST)]),
  );
  const shown = [...ofBuyer.values()].flat().map(({ id }) => id);
  const { rows: items } = await pool.query<Item>(ITEMS, [shown]);
  const ofOrder = Map.groupBy(items, (item) => item.order_id);
  const entities = refs.map(({ id }) => {
    const nodes = (ofBuyer.get(id) ?? []).map((order) => orderShape(order, ofOrder.get(order.id) ?? []));
    return { id, orders: { nodes } };
  });
  return { data: { _entities: entities } };
}

function orderShape(order: Order, items: readonly Item[]): object {
  const { id, number, status, placed_at: placedAt, total_minor: amount, currency } = order;
  return { id, number, status, placedAt, total: { amount: Number(amount), currency }, items: items.map(itemShape) };
}

function itemShape({ id, title, price_minor: amount, currency }: Item): object {
  return { id, title, price: { amount: Number(amount), currency } };
}
