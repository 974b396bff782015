import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runBlock } from '../../support/documents/run-block.js';
import { shellBlocks } from '../../support/documents/shell-blocks.js';
import { connectGraph } from '../support/graph.js';
import { startProduct, type Product } from '../support/product.js';

const THIS = 'tests/e2e/docs/commands.test.ts';
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** What the blocks of a document must print, in its order. */
type Check = (printed: string) => unknown;

let product: Product;

beforeAll(async () => {
  product = await startProduct();
}, 60_000);
afterAll(() => product.stop(), 30_000);

const linesOf = (printed: string) => printed.trim().split('\n');

const expectations: Readonly<Record<string, readonly Check[]>> = {
  'docs/graph/README.md': [
    async (printed) => {
      const [buyer = '', operator = ''] = linesOf(printed);
      expect(await ask(buyer, '{ myOrders { totalCount } }')).toEqual({ myOrders: { totalCount: 0 } });
      expect(await ask(operator, '{ orders { totalCount } }')).toEqual({ orders: { totalCount: 0 } });
    },
  ],
  'dev/sample/README.md': [
    async (printed) => {
      expect(printed).toContain('"maxSlots":3');
      expect(printed).toMatch(/"title":"Schema design clinic"[^]*"title":"Query plans, live"/);
      const left = await (await fetch(`${product.pageUrl}/sessions`)).text();
      expect(left).toContain('Office hours for two');
      expect(left).not.toMatch(/Schema design clinic|Query plans, live/);
    },
    (printed) => {
      const lines = linesOf(printed);
      expect(lines).toHaveLength(1_000 + product.laptop.sample.courses.length + 1);
      expect(lines.at(-1)).toMatch(TOKEN);
    },
  ],
};

async function ask(token: string, query: string): Promise<unknown> {
  expect(token).toMatch(TOKEN);
  const graph = connectGraph(product.laptop.gatewayUrl, token);
  const { data } = await graph.ask(query);
  await graph.close();
  return data;
}

describe.each(Object.keys(expectations))('given somebody who pastes the commands of %s', (document) => {
  const blocks = shellBlocks(document).filter(({ runBy }) => runBy === THIS);
  const checks = expectations[document] ?? [];

  it('then every one of them has an expectation here', () => {
    expect(blocks).toHaveLength(checks.length);
  });

  it.each(blocks.map((block, n) => ({ ...block, check: checks[n] })))(
    'then those of line $line do what they say',
    async ({ check, ...block }) => {
      const { gatewayUrl } = product.laptop;
      await check?.(await runBlock(block, { gatewayUrl, pageUrl: product.pageUrl }));
    },
    90_000,
  );
});
