/** The subscribers, in a process of their own: many WebSockets with several streams each. Notes when messages come. */
import { inspect } from 'node:util';
import { createClient, type Client } from 'graphql-ws';
import WebSocket from 'ws';
import { machineMs, type Moment } from './moments.js';

/** A WebSocket of one viewer, and the orders of its streams. */
export interface SocketOfViewer {
  readonly headers: Readonly<Record<string, string>>;
  readonly orders: readonly string[];
}

/** What the clients are told: to follow orders, or to tell what has come since they were last asked. */
export type ClientOrder = { readonly url: string; readonly sockets: readonly SocketOfViewer[] } | 'arrivals';

/** What they say: how many streams have begun, when all have; and what has come. */
export type ClientWord = { readonly following: number } | { readonly arrivals: readonly Moment[] };

interface Message {
  readonly orderStatusChanged: { readonly version: number; readonly snapshot: boolean };
}

const FOLLOW = `subscription ($id: ID!) { orderStatusChanged(orderId: $id) {
  version snapshot type to order { id status total { amount currency } } } }`;
/** How many WebSockets are opened at once. */
const AT_ONCE = 20;

const say = (word: ClientWord) => process.send?.(word);
let arrivals: Moment[] = [];

process.once('disconnect', () => process.exit(0));
process.on('message', (order: ClientOrder) => {
  if (order !== 'arrivals') return void followAll(order.url, order.sockets);
  say({ arrivals });
  arrivals = [];
});

async function followAll(url: string, sockets: readonly SocketOfViewer[]): Promise<void> {
  const waiting = [...sockets];
  const opener = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await open(url, next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, opener));
  say({ following: sockets.reduce((sum, { orders }) => sum + orders.length, 0) });
}

/** Resolves when all streams of a WebSocket have shown the present state. */
async function open(url: string, { headers, orders }: SocketOfViewer): Promise<void> {
  const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: headers, retryAttempts: 0 });
  await Promise.all(orders.map((id) => follow(client, id)));
}

function follow(client: Client, id: string): Promise<void> {
  return new Promise((resolve) => {
    client.subscribe<Message>(
      { query: FOLLOW, variables: { id } },
      {
        next: ({ data, errors }) => {
          if (!data) throw new Error(`a stream answered ${JSON.stringify(errors)}`);
          const { version, snapshot } = data.orderStatusChanged;
          if (snapshot) resolve();
          else arrivals.push([id, version, machineMs()]);
        },
        error: (error) => {
          throw new Error(`a stream broke: ${inspect(error)}`);
        },
        complete: () => undefined,
      },
    );
  });
}
