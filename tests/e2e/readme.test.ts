import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readDocument } from '../support/documents/documents.js';
import { runBlock } from '../support/documents/run-block.js';
import { shellBlocks } from '../support/documents/shell-blocks.js';
import { startProduct, type Product } from './support/product.js';

const run = promisify(execFile);
let product: Product;

beforeAll(async () => {
  product = await startProduct();
}, 60_000);
afterAll(() => product.stop(), 30_000);

const readme = readDocument('README.md');

const purchases = shellBlocks('README.md').filter(({ runBy }) => runBy === 'tests/e2e/readme.test.ts');

describe('given a reader who pastes the README’s first purchase', () => {
  it('then it lists courses, places, pays and shows the order fulfilled', async () => {
    expect(purchases).toHaveLength(1);
    const { gatewayUrl } = product.laptop;
    const printed = await runBlock(purchases[0] ?? { script: '' }, { gatewayUrl, pageUrl: product.pageUrl });
    const lines = printed.trim().split('\n');
    expect(JSON.parse(lines.at(0) ?? '').data.courses).toHaveLength(7);
    expect(JSON.parse(lines.at(-1) ?? '').data.order).toMatchObject({
      status: 'SUCCEEDED',
      fulfilment: 'FULFILLED',
      total: { amount: 49_900, currency: 'INR' },
    });
  });

  it('and the demo ends with the buyer owning a course', async () => {
    const stdout = await demo();
    expect(stdout).toMatch(/live: version \d+ FULFILLED, SUCCEEDED, FULFILLED/);
    expect(stdout).toMatch(/5\. Asha Rao owns/);
  });

  it('and its query of the live sessions is answered', async () => {
    const query = /```graphql\n(\{\n {2}upcomingSessions[^]*?)```/.exec(readme)?.[1] ?? '';
    const { data, errors } = await product.anonymous().ask(query);
    expect(errors).toBeUndefined();
    expect(data.upcomingSessions).toContainEqual({
      id: expect.any(String),
      title: 'Office hours for two',
      price: { amount: 0, currency: 'INR' },
      remaining: 2,
      waitlistLength: 0,
      viewerBooking: null,
    });
  });

  it('and the demo of a session, also the second time, ends with the seat at who waited in line', async () => {
    for (const _time of [1, 2]) {
      const stdout = await demo('--', 'session');
      expect(stdout).toMatch(/4\. Ben Okafor wants one too: SESSION_FULL; waits in line at position 1/);
      expect(stdout).toMatch(/5\. Asha Rao gives the seat up: CANCELLED; 199 INR go back, APPROVED/);
      expect(stdout).toMatch(
        /8\. .*: 0 of 2 seats left, 0 in line; Asha Rao CANCELLED, Adam Novak CONFIRMED, Ben Okafor CONFIRMED/,
      );
    }
  });

  async function demo(...story: string[]): Promise<string> {
    const ports = { GATEWAY_PORT: new URL(product.laptop.gatewayUrl).port };
    const { stdout } = await run('npm', ['run', '--silent', 'demo', ...story], { env: { ...process.env, ...ports } });
    return stdout;
  }
});
