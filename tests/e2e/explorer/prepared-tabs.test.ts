import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { hasChromium, launchOfflineChromium } from '../../support/chromium.js';
import { startProduct, type Product } from '../support/product.js';
import { openExplorer, type Explorer } from './explorer.js';

const TITLES = ['Browse', 'Place', 'Pay', 'Follow', 'MyOrders', 'Book', 'Operator'];
const ERRORS = '"errors"';

(hasChromium() ? describe : describe.skip)('given somebody who opens the explorer of a fresh laptop', () => {
  let product: Product;
  let browser: Browser;
  let explorer: Explorer;

  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct(), launchOfflineChromium()]);
    explorer = await openExplorer(browser, product.laptop.gatewayUrl);
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await product.stop();
  }, 30_000);

  it('then its tabs are prepared', async () => {
    expect(await explorer.titles()).toEqual(TITLES);
  });

  it.each([
    ['Browse', /"name": "Ben Okafor"/],
    ['Place', /"__typename": "PlaceOrderSuccess"/],
    ['Pay', /"__typename": "StartPaymentSuccess"/],
    ['Follow', /"type": "PAYMENT_INITIATED"/],
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
