import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startLaptop, type Laptop } from '../../../dev/laptop/start-laptop.js';
import type { Neighbours } from '../../../dev/neighbours/start-neighbours.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { isEnveloped, isOurs, misfits, topicsOf, type MessageOfTopic } from '../../support/asyncapi.js';
import { createDatabase } from '../../support/postgres.js';
import { connectGraph, type Graph } from './graph.js';

const PORTS = ['GATEWAY', 'HTTP', 'USERS', 'COURSES', 'SESSIONS', 'DEV', 'GRPC'];

/** The whole product on free ports with an empty database of its own, and what a test does with it. */
export interface Product {
  readonly laptop: Laptop;
  /** The stand-ins, with their fault knobs. */
  readonly neighbours: Neighbours;
  readonly pageUrl: string;
  /** The service's own database, to look at from outside. */
  readonly sql: <T extends object = Record<string, unknown>>(text: string, values?: unknown[]) => Promise<T[]>;
  /** Every SQL statement of the service since the last call. */
  takeStatements(): string[];
  /** The supergraph as a signed-in user sees it. */
  as(userId: string, options?: { roles?: string[]; ttlSeconds?: number }): Promise<Graph>;
  anonymous(): Graph;
  /** Presses a button of the payment page. */
  press(button: 'approve' | 'decline' | 'cancel' | 'timeout', session: string): Promise<PressAnswer>;
  stop(): Promise<void>;
}

export interface PressAnswer {
  readonly paymentId: string;
  readonly orderId: string;
  readonly status: string;
  readonly razorpay?: { readonly paymentId: string; readonly signature: string };
}

/** A router in front of a product's subgraphs, in place of the laptop's gateway. */
export interface Router {
  /** Of its GraphQL endpoint. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * @param env settings beside the free ports: KAFKA_BROKERS and REDIS_URL make those parts real
 * @param startRouter what clients ask instead of the laptop's gateway
 */
export async function startProduct(
  env: Readonly<Record<string, string>> = {},
  startRouter?: () => Promise<Router>,
): Promise<Product> {
  const database = await createDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'orders-e2e-'));
  const remove = async () => {
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  const statements: string[] = [];
  const ports = Object.fromEntries(PORTS.map((name) => [`${name}_PORT`, '0']));
  const laptop = await startLaptop({
    env: { ...ports, DATABASE_URL: database.url, DATA_DIR: dataDir, ...env },
    fresh: false,
    show: () => undefined,
    onQuery: (sql) => void statements.push(sql),
  }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const { neighbours } = laptop;
  if (!neighbours) throw new Error('the product runs without its stand-ins');
  const router = await startRouter?.().catch(async (error: unknown) => {
    await laptop.stop();
    await remove();
    throw error;
  });
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  const graphs: Graph[] = [];
  const connect = (token?: string) => {
    const graph = connectGraph(router?.url ?? laptop.gatewayUrl, token);
    graphs.push(graph);
    return graph;
  };
  return {
    laptop,
    neighbours,
    pageUrl: neighbours.pageUrl,
    sql: async (text, values) => (await pool.query(text, values)).rows as never,
    takeStatements: () => statements.splice(0),
    as: async (userId, { roles = ['student'], ttlSeconds = 600 } = {}) =>
      connect(await signToken({ userId, roles, ttlSeconds, secret: LAPTOP_JWT_SECRET })),
    anonymous: () => connect(),
    press: async (button, session) => {
      const headers = { accept: 'application/json' };
      const answer = await fetch(`${neighbours.pageUrl}/pay/${session}/${button}`, { method: 'POST', headers });
      if (!answer.ok) throw new Error(`the payment page answered ${answer.status}`);
      return (await answer.json()) as PressAnswer;
    },
    stop: async () => {
      await Promise.all(graphs.map((graph) => graph.close()));
      await router?.stop();
      await laptop.stop();
      const wrong = env.KAFKA_BROKERS ? [] : await misfitsOn(pool);
      await pool.end();
      await remove();
      if (wrong.length > 0) throw new Error(`messages that docs/asyncapi.yaml does not know:\n${wrong.join('\n')}`);
    },
  };
}

/** Every message of the test that the service sent or heard, checked against the document of its messages. */
async function misfitsOn(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<MessageOfTopic>('select topic, key, value from bus.messages');
  const heard = new Set(topicsOf('receive'));
  return misfits(rows.filter((message) => (heard.has(message.topic) && isEnveloped(message)) || isOurs(message)));
}
