import 'reflect-metadata';
/**
 * What `npm run bench -- <name>` runs: one bench with services of its own. Every bench prints ratios to a baseline that was
 * measured in the same run; docs/performance.md says what they mean.
 */
import { fail } from './support/report.js';

interface Bench {
  readonly what: string;
  readonly load: () => Promise<{ run(args: readonly string[]): Promise<void> }>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  place: {
    what: 'placing an order, against plain SQL; and over HTTP, against { __typename }',
    load: () => import('./place/place.js'),
  },
  grpc: {
    what: 'placing and reading orders over gRPC at 1, 16 and 64 callers, against a call that is refused at once',
    load: () => import('./grpc/grpc.js'),
  },
  'record-payment': {
    what: 'taking news of payments in, against plain SQL; and how a backlog drains',
    load: () => import('./record-payment/record-payment.js'),
  },
  orders: {
    what: 'a page of a user’s orders among many (1000000, or the number behind the name) against among few',
    load: () => import('./orders/orders.js'),
  },
  graph: {
    what: 'reading over HTTP: _entities against plain SQL, an order and a page of orders against { __typename }',
    load: () => import('./graph/graph.js'),
  },
  seats: {
    what: 'booking seats of one live session and of 1000, and being refused by a full one, against plain SQL',
    load: () => import('./seats/seats.js'),
  },
  subscriptions: {
    what: 'live streams: the time from commit to 1000 clients, and the memory of 10000 that are idle',
    load: () => import('./subscriptions/subscriptions.js'),
  },
  relay: {
    what: 'publishing the outbox to Kafka, against kafkajs alone; and the time from commit to Kafka',
    load: () => import('./relay/relay.js'),
  },
  sweep: {
    what: 'ending orders whose time has come, alone and beside placing',
    load: () => import('./sweep/sweep.js'),
  },
};

const [name, ...args] = process.argv.slice(2);
const bench = BENCHES[name ?? ''];
if (bench) {
  await (await bench.load()).run(args);
} else {
  for (const [known, { what }] of Object.entries(BENCHES)) console.log(`npm run bench -- ${known.padEnd(15)} ${what}`);
  if (name !== undefined) fail(`there is no bench named ${name}`);
}
