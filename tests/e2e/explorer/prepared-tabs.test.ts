import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { hasChromium, launchOfflineChromium } from '../../support/chromium.js';
import { runBlock } from '../../support/documents/run-block.js';
import { shellBlocks, type ShellBlock } from '../../support/documents/shell-blocks.js';
import { startProduct, type Product } from '../support/product.js';
import { openExplorer, type Explorer } from './explorer.js';

const TITLES = ['Browse', 'Place', 'Pay', 'Follow', 'MyOrders', 'Book', 'Operator'];
const ERRORS = '"errors"';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
}, 60_000);
afterAll(() => product.stop(), 30_000);

(hasChromium() ? describe : describe.skip)('given somebody who opens the explorer of a fresh laptop', () => {
  let browser: Browser;
  let explorer: Explorer;

  beforeAll(async () => {
    browser = await launchOfflineChromium();
    explorer = await openExplorer(browser, product.laptop.gatewayUrl);
  }, 60_000);
  afterAll(() => browser.close(), 30_000);

  it('then its tabs are prepared', async () => {
    expect(await explorer.titles()).toEqual(TITLES);
  });

  it.each([
    ['Browse', /"name": "Ben Okafor"/],
    ['Place', /"__typename": "PlaceOrderSuccess"/],
    ['Pay', /"__typename": "StartPaymentSuccess"/],
    ['Follow', /"type": "PAYMENT_(INITIATED|ATTACHED)"/],
    ['MyOrders', /"totalCount": 2/],
    ['Book', /"status": "CONFIRMED"/],
    ['Operator', /"buyer": {\s+"name": "Ben Okafor"/],
  ])('when the tab %s is run as it stands, then it is answered without errors', async (title, expected) => {
    expect(await explorer.run(title, expected)).not.toContain(ERRORS);
  });

  it('when the payment is approved while the order is followed, then its end is seen', async () => {
    await explorer.run('Follow', /"to": "PROCESSING"/);
    await product.press('approve', await onlySession());
    expect(await explorer.see(/"ends": "COMPLETE"/)).toMatch(/"fulfilment": "FULFILLED"/);
  });

  it.each([
    ['Place', /"__typename": "OpenOrderExists"/],
    ['Pay', /"code": "ACTION_NOT_ALLOWED"/],
    ['Follow', /"ends": "COMPLETE"/],
    ['MyOrders', /"status": "SUCCEEDED"/],
    ['Book', /"__typename": "AlreadyBooked"/],
  ])('when the tab %s is run once more, then its answer says what is', async (title, expected) => {
    expect(await explorer.run(title, expected)).not.toContain(ERRORS);
  });

  it('when the page is opened again, then the same tabs are there, with an order that can be paid', async () => {
    await explorer.reload();
    expect(await explorer.titles()).toEqual(TITLES);
    expect(await explorer.run('Pay', /"__typename": "StartPaymentSuccess"/)).not.toContain(ERRORS);
  });

  /** The session of the payment that was started. */
  async function onlySession(): Promise<string> {
    const [row] = await product.sql<{ id: string }>('select id from neighbours.provider_sessions');
    return row?.id ?? '';
  }
});

describe('given somebody who uses Apollo Sandbox as docs/explorer/README.md says', () => {
  it('then the commands print the environment, whose tokens the graph takes', async () => {
    const [block] = shellBlocks('docs/explorer/README.md') as [ShellBlock];
    const printed = await runBlock(block, { gatewayUrl: product.laptop.gatewayUrl, pageUrl: product.pageUrl });
    const { buyer, operator } = JSON.parse(printed) as Record<string, string>;
    expect(await nameOf(buyer)).toBe('Ben Okafor');
    expect(await nameOf(operator)).toBe('Adam Novak');
  });

  it('then a page of the Sandbox may ask the graph', async () => {
    const headers = {
      origin: 'https://studio.apollographql.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const answer = await fetch(product.laptop.gatewayUrl, { method: 'OPTIONS', headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe(headers.origin);
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization/);
  });

  async function nameOf(token: string | undefined): Promise<string> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify({ query: '{ me { name } }' });
    const answer = await fetch(product.laptop.gatewayUrl, { method: 'POST', headers, body });
    return ((await answer.json()) as { data: { me: { name: string } } }).data.me.name;
  }
});
