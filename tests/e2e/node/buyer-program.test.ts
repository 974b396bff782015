import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateOperations } from '../../../dev/shop/generate-operations.js';
import { startProduct, type Product } from '../support/product.js';
import { people, PLACE } from '../support/purchase-steps.js';
import { startCuttingProxy, type CuttingProxy } from './cutting-proxy.js';

const COURSES = {
  federation: '8d116ece-1738-47d9-bd9c-172411e20b8f',
  postgres: '90c192cf-d3ac-44af-8f21-ddb66cad4a26',
  typescript: 'a170b338-3926-4059-b28c-105d1fb17c23',
  kafka: '0fd630f1-f29d-4da9-953f-48f1a09f76b5',
  free: '8e81973e-0bec-47b0-b898-d190f9ebdacc',
};
const NUMBER = /^order (EL-\S+)/;

interface Run {
  readonly code: number;
  readonly lines: string[];
  readonly problem: string;
}

let product: Product;
let proxy: CuttingProxy;

beforeAll(async () => {
  [product] = await Promise.all([startProduct(), generateOperations()]);
  proxy = await startCuttingProxy(product.laptop.gatewayUrl);
}, 60_000);
afterAll(async () => {
  await proxy.close();
  await product.stop();
}, 30_000);

const places = () => ({ GRAPH_URL: product.laptop.gatewayUrl, PAGE_URL: product.pageUrl });

async function tokenOf(personId: string): Promise<string> {
  const answer = await fetch(`${product.pageUrl}/auth/people/${personId}/token`, { method: 'POST' });
  return ((await answer.json()) as { token: string }).token;
}

/** Runs examples/node as `npm run example` does. */
function runBuyer(courseIds: string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const program = ['dev/run.mjs', 'examples/node/src/main.ts', ...courseIds];
  return new Promise((resolve) => {
    execFile(process.execPath, program, { env: { ...process.env, ...places(), ...env } }, (error, stdout, stderr) => {
      const lines = stdout.split('\n').map((line) => line.trim());
      resolve({ code: error ? Number(error.code) : 0, lines: lines.filter(Boolean), problem: stderr.trim() });
    });
  });
}

const ordersOf = (courseId: string) =>
  product.sql<{ number: string; status: string; fulfilment: string }>(
    `select o.number, o.status, o.fulfilment from orders o join order_items i on i.order_id = o.id
      where i.product_id = $1`,
    [courseId],
  );

/** How many idempotency keys there are beyond those of before: one for each order, one for each payment. */
async function keysSince(before: number): Promise<number> {
  const [row] = await product.sql<{ n: number }>('select count(*)::int as n from idempotency');
  return (row?.n ?? 0) - before;
}

/** What happened to an order, as the program prints it. */
async function lifeOf(number: string): Promise<string[]> {
  const events = await product.sql<{ version: number; type: string; to: string; fulfilment: string }>(
    `select e.version, e.type, e."to", e.fulfilment from order_events e join orders o on o.id = e.order_id
      where o.number = $1 order by e.version`,
    [number],
  );
  return events.map(({ version, type, to, fulfilment }) => `version ${version}: ${type}, ${to}, ${fulfilment}`);
}

describe('given a program that buys a course', () => {
  let cutsBefore: number;
  beforeEach(() => void (cutsBefore = proxy.cuts));

  it('when it runs without arguments, then it finds one, pays it, follows it to its end and lists it', async () => {
    const { lines, problem, code } = await runBuyer([]);
    const number = NUMBER.exec(lines[0] ?? '')?.[1] ?? '';
    expect({ problem, code }).toEqual({ problem: '', code: 0 });
    expect(lines).toEqual([
      `order ${number} is placed: ₹499.00`,
      'its payment is approved',
      ...(await lifeOf(number)),
      'all orders, newest first:',
      `${number}  ₹499.00  SUCCEEDED`,
    ]);
    expect(await ordersOf(COURSES.federation)).toEqual([{ number, status: 'SUCCEEDED', fulfilment: 'FULFILLED' }]);
  });

  it('when the answer to its first try is lost, then the second one, with the same key, makes no second order', async () => {
    const before = await keysSince(0);
    proxy.loseAnswerOf('placeOrder');
    const { lines, problem, code } = await runBuyer([COURSES.postgres], { GRAPH_URL: proxy.url });
    const [order, ...others] = await ordersOf(COURSES.postgres);
    expect(proxy.cuts - cutsBefore).toBe(1);
    expect({ problem, code, others }).toEqual({ problem: '', code: 0, others: [] });
    expect(await keysSince(before)).toBe(2);
    expect(lines[0]).toBe(`order ${order?.number} was placed before: ₹1,499.00`);
    expect(order).toMatchObject({ status: 'SUCCEEDED', fulfilment: 'FULFILLED' });
  });

  it('when the connection that it follows on breaks, then it sees every version once and in order', async () => {
    proxy.cutAfter('"version":2');
    const { lines, code } = await runBuyer([COURSES.typescript], { GRAPH_URL: proxy.url });
    const number = NUMBER.exec(lines[0] ?? '')?.[1] ?? '';
    const seen = lines.filter((line) => line.startsWith('version'));
    expect(proxy.cuts - cutsBefore).toBe(1);
    expect({ code, seen }).toEqual({ code: 0, seen: await lifeOf(number) });
    expect(seen.at(-1)).toMatch(/FULFILLED, SUCCEEDED, FULFILLED$/);
  });

  it('when it lists more orders than a page holds, then all are there, newest first', async () => {
    const { lines } = await runBuyer([COURSES.free]);
    const listed = lines.slice(lines.indexOf('all orders, newest first:') + 1).map((line) => line.split(' ')[0]);
    const placed = await product.sql<{ number: string }>('select number from orders order by placed_at desc');
    expect(placed).toHaveLength(4);
    expect(listed).toEqual(placed.map(({ number }) => number));
  });

  it('when an order of the course waits to be paid, then it pays that one', async () => {
    const asha = await product.as(people.asha);
    await asha.ask(PLACE, { input: { courseIds: [COURSES.kafka] } });
    const { lines, code } = await runBuyer([COURSES.kafka]);
    const orders = await ordersOf(COURSES.kafka);
    expect(code).toBe(0);
    expect(lines[0]).toBe(`order ${orders[0]?.number} was placed before: ₹1,999.00`);
    expect(orders).toMatchObject([{ status: 'SUCCEEDED' }]);
  });
});

describe('given a reader who pastes the commands of examples/node/README.md', () => {
  it('then both buy', async () => {
    const readme = readFileSync(new URL('../../../examples/node/README.md', import.meta.url), 'utf8');
    const commands = /<!-- run by tests\/e2e\/node\/buyer-program\.test\.ts -->\s+```sh\n([^]*?)```/.exec(readme)?.[1];
    const env = { ...process.env, ...places(), TOKEN: await tokenOf(people.ben) };
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands ?? ''], { env });
    expect(stdout.match(/^order EL-\S+ is placed: .*$/gm)).toHaveLength(2);
    expect(await ordersOf('0cb1e29c-658c-4a14-95e6-0af593bd04cf')).toMatchObject([{ status: 'SUCCEEDED' }]);
  });
});

describe('given a program that asks for what it cannot have', () => {
  it.each([
    ['what is no id', ['nonsense'], /^courseIds\[0\]: is not a UUID$/],
    ['a course that is not sold', [people.nobody], new RegExp(`not for sale.*\n {2}${people.nobody}: NOT_FOUND$`)],
    ['a course that it has', [COURSES.federation], new RegExp(`\n {2}${COURSES.federation}$`)],
  ])('when it is %s, then it says the sentence of the refusal and fails', async (_what, courseIds, sentence) => {
    const { lines, problem, code } = await runBuyer(courseIds);
    expect({ lines, code }).toEqual({ lines: [], code: 1 });
    expect(problem).toMatch(sentence);
  });

  it('when its token does not count, then it says so', async () => {
    const { problem, code } = await runBuyer([COURSES.federation], { TOKEN: 'forged' });
    expect({ problem, code }).toEqual({ problem: expect.stringMatching(/sign in|token/i), code: 1 });
  });
});
