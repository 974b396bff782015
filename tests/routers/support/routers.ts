import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../dev/laptop/ports.js';
import type { Router } from '../../e2e/support/product.js';
import { onPath } from '../../support/service.js';
import { runRouter, type Command } from './run-router.js';

/** The secret that only the router under test tells the orders subgraph: the laptop's own gateway cannot ask it. */
export const ROUTER_SECRET = 'the-secret-of-the-router-under-test';

const SUBGRAPHS = ['HTTP', 'USERS', 'COURSES', 'SESSIONS'] as const;

/** A router as this repository configures it. */
export interface TestedRouter {
  readonly name: string;
  /** Whether subscriptions come through it without a licence. */
  readonly streams: boolean;
  /** Settings of the orders subgraph for a router at a port. */
  productEnv?(port: number): Readonly<Record<string, string>>;
  /** Where its program is; undefined where it was not found. */
  program(): string | undefined;
  command(program: string, port: number, supergraph: string): Omit<Command, 'program'>;
}

export const apollo: TestedRouter = {
  name: 'Apollo Router',
  streams: false,
  program: () => process.env.APOLLO_ROUTER || onPath('router'),
  command: (_program, port, supergraph) => ({
    args: ['--config', 'router.yaml', '--supergraph', supergraph],
    env: {
      APOLLO_TELEMETRY_DISABLED: 'true',
      ROUTER_LISTEN: `127.0.0.1:${port}`,
      ROUTER_HEALTH_LISTEN: '127.0.0.1:0',
    },
    url: `http://127.0.0.1:${port}/graphql`,
  }),
};

export const hive: TestedRouter = {
  name: 'Hive Gateway',
  streams: true,
  program: () => process.env.HIVE_GATEWAY || onPath('hive-gateway'),
  command: (_program, port, supergraph) => ({
    args: ['supergraph', '--config-path', 'deploy/routers/hive/gateway.config.ts'],
    env: { SUPERGRAPH: supergraph, ROUTER_PORT: String(port) },
    url: `http://127.0.0.1:${port}/graphql`,
  }),
};

/** Hive Gateway as it is called back with changes. */
export const hiveCalledBack: TestedRouter = {
  ...hive,
  name: 'Hive Gateway, called back',
  productEnv: (port) => ({ SUBSCRIPTION_CALLBACK_URLS: callbackUrl(port) }),
  command: (program, port, supergraph) => {
    const command = hive.command(program, port, supergraph);
    const args = ['supergraph', '--config-path', 'deploy/routers/hive/callback.config.mjs'];
    return { ...command, args, env: { ...command.env, ROUTER_CALLBACK_URL: callbackUrl(port) } };
  },
};

const callbackUrl = (port: number) => `http://127.0.0.1:${port}/callback`;

/** A place for a router before a product. */
export interface RouterPlace {
  /** Settings of the product. */
  readonly env: Readonly<Record<string, string>>;
  start(): Promise<Router>;
}

/** Chooses ports for a product and for a router before it. */
export async function placeFor(router: TestedRouter): Promise<RouterPlace> {
  const taken = new Set<number>();
  const next = async () => {
    const port = await freePort(taken);
    taken.add(port);
    return port;
  };
  const own = await next();
  const ports = await Promise.all(SUBGRAPHS.map(async (name) => [name, await next()] as const));
  const urlOf = (name: string) => (name === 'HTTP' ? 'ORDERS_URL' : `${name}_URL`);
  return {
    env: {
      ...Object.fromEntries(ports.map(([name, port]) => [`${name}_PORT`, String(port)])),
      ...router.productEnv?.(own),
      ROUTER_SECRET,
    },
    start: () => startBefore(router, own, Object.fromEntries(ports.map(([name, port]) => [urlOf(name), urlAt(port)]))),
  };
}

const urlAt = (port: number) => `http://127.0.0.1:${port}/graphql`;

async function startBefore(router: TestedRouter, port: number, urls: Record<string, string>): Promise<Router> {
  const program = router.program();
  if (!program) throw new Error(`${router.name} was not found`);
  const folder = mkdtempSync(join(tmpdir(), 'orders-router-'));
  const remove = () => rmSync(folder, { recursive: true });
  try {
    const supergraph = join(folder, 'supergraph.graphql');
    execFileSync(process.execPath, ['dev/run.mjs', 'dev/compose/supergraph.ts', supergraph]);
    const { args, env, url } = router.command(program, port, supergraph);
    const running = await runRouter({ program, args, env: { ...env, ...urls, ROUTER_SECRET }, url });
    return { url: running.url, stop: () => running.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
