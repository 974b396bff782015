import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../dev/laptop/ports.js';
import { signToken } from '../../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../../src/config.js';
import { startLaptopProcess, type LaptopProcess } from '../../integration/laptop/laptop-process.js';
import { hasChromium } from '../../support/chromium.js';
import { connectGraph } from '../support/graph.js';
import { people, SHOW, START } from '../support/purchase-steps.js';
import { startVisitors } from './support/shop-stand.js';
import { addToCart, eventsOf, place, untilEvent, untilStatus } from './support/steps.js';

(hasChromium() ? describe : describe.skip)('given a buyer who looks at an order', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'orders-web-'));
  // Open to PostgreSQL's own user, so that its files stay where the next process finds them.
  chmodSync(dataDir, 0o755);
  let env: Record<string, string>;
  let laptop: LaptopProcess;
  let visitors: Awaited<ReturnType<typeof startVisitors>>;
  const at = (port: string) => `http://127.0.0.1:${env[`${port}_PORT`]}`;

  beforeAll(async () => {
    env = { ...(await fixedPorts()), DATABASE_URL: '', KAFKA_BROKERS: '', REDIS_URL: '', DATA_DIR: dataDir };
    laptop = await start();
    visitors = await startVisitors(() => at('DEV'));
  }, 90_000);
  afterAll(async () => {
    laptop.signal('SIGTERM');
    await laptop.ended();
    rmSync(dataDir, { recursive: true, force: true });
    await visitors.stop();
  }, 30_000);

  async function start(): Promise<LaptopProcess> {
    const started = startLaptopProcess(env);
    await started.untilReady();
    return started;
  }

  it('when the product is killed, restarted and goes on, then the page that was open all the time has missed nothing', async () => {
    const page = await visitors.visit(people.asha);
    await addToCart(page, 'GraphQL Federation from Zero');
    const orderId = await place(page);
    await untilStatus(page, 'PENDING_PAYMENT');

    laptop.signal('SIGKILL');
    await laptop.ended();
    laptop = await start();
    const since = performance.now();
    const token = await signToken({
      userId: people.asha,
      roles: ['student'],
      ttlSeconds: 600,
      secret: LAPTOP_JWT_SECRET,
    });
    const graph = connectGraph(`${at('GATEWAY')}/graphql`, token);
    const started = await graph.ask(START, { input: { orderId, provider: 'STRIPE' } });
    const { sessionId } = started.data.startPayment.session;
    await fetch(`${at('DEV')}/pay/${sessionId}/approve`, { method: 'POST' });

    await untilStatus(page, 'SUCCEEDED');
    await untilEvent(page, 'FULFILLED');
    process.stdout.write(`restart: paid and seen ${Math.round(performance.now() - since)} ms after it was ready\n`);
    const { timeline } = (await graph.ask(SHOW, { id: orderId })).data.order;
    expect(await eventsOf(page)).toEqual(timeline.map(({ type }: { type: string }) => type));
    expect(await page.evaluate(() => performance.getEntriesByType('navigation').length)).toBe(1);
    await graph.close();
  }, 120_000);
});

async function fixedPorts(): Promise<Record<string, string>> {
  const taken = new Set<number>();
  const ports: Record<string, string> = {};
  for (const name of ['GATEWAY', 'HTTP', 'USERS', 'COURSES', 'SESSIONS', 'DEV', 'GRPC']) {
    const port = await freePort(taken);
    taken.add(port);
    ports[`${name}_PORT`] = String(port);
  }
  return ports;
}
