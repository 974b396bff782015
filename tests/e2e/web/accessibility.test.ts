import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { hasChromium } from '../../support/chromium.js';
import { people, placeAndStart, untilOrder } from '../support/purchase-steps.js';
import { startShopStand, type ShopStand } from './support/shop-stand.js';
import { addToCart, button, notice, place, untilStatus } from './support/steps.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const UNPUBLISHED = '92276658-1e27-41c0-8a6a-63ec24ede6a4';
const PHONE = { width: 360, height: 740 };

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

(hasChromium() ? describe : describe.skip)('given readers with different eyes, hands and places', () => {
  let stand: ShopStand;
  let orderId: string;
  beforeAll(async () => {
    stand = await startShopStand();
    const asha = await stand.product.as(people.asha);
    const bought = await placeAndStart(asha, [FEDERATION]);
    orderId = bought.orderId;
    await stand.product.press('approve', bought.session);
    await untilOrder(asha, orderId, 'SUCCEEDED', 'FULFILLED');
  }, 60_000);
  afterAll(() => stand.stop(), 30_000);

  /** What axe finds that hinders or shuts out somebody, by all its rules or some. */
  async function serious(page: Page, rules?: readonly string[]): Promise<string[]> {
    // Transitions would be measured half way.
    await page.addStyleTag({
      content: '*, *::before, *::after { transition: none !important; animation: none !important }',
    });
    await page.evaluate(AXE);
    const options = JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
    const violations: Violation[] = await page.evaluate(`axe.run(${options}).then(({ violations }) => violations)`);
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
  }

  const looks: [string, BrowserContextOptions, string[] | undefined][] = [
    ['in light colours', { colorScheme: 'light' }, undefined],
    // The rules that colours and sizes matter to.
    ['in dark colours, on a phone', { colorScheme: 'dark', viewport: PHONE }, ['color-contrast', 'target-size']],
  ];
  const pages: [person: string, path: string, untilShown: (page: Page) => Promise<unknown>][] = [
    [people.asha, '/', (page) => page.getByRole('article').first().waitFor()],
    [people.asha, `/courses/${FEDERATION}`, (page) => page.getByText('You own this course').waitFor()],
    [people.asha, '/orders', (page) => page.getByRole('listitem').first().waitFor()],
    [people.asha, '/orders/bought', (page) => untilStatus(page, 'SUCCEEDED')],
    [people.asha, '/sessions', (page) => page.getByRole('article').first().waitFor()],
    [people.admin, '/desk/revenue', (page) => page.getByRole('table').waitFor()],
    [people.admin, '/desk/orders', (page) => page.getByRole('table').waitFor()],
    [people.admin, '/desk/refunds', (page) => page.getByText('None.').waitFor()],
    [people.admin, '/desk/stuck', (page) => page.getByText('Nothing is stuck.').waitFor()],
    [people.ines, '/teaching', (page) => page.getByRole('table').waitFor()],
  ];

  it.each(looks)(
    'then axe finds nothing serious on any page, nor anything that is cut off, %s',
    async (_look, options, rules) => {
      for (const [person, ofPerson] of Map.groupBy(pages, ([id]) => id)) {
        const page = await stand.visit(person, '/', options);
        for (const [, path, untilShown] of ofPerson) {
          await page.goto(`${stand.product.pageUrl}/shop${path.replace('bought', orderId)}`);
          await untilShown(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          const found = { path, serious: await serious(page, rules), overflow: Math.max(0, overflow) };
          expect(found).toEqual({ path, serious: [], overflow: 0 });
        }
        await page.context().close();
      }
    },
    90_000,
  );

  it('then dialogs and refusals are accessible too', async () => {
    const page = await stand.visit(people.ben, '/', { colorScheme: 'light' });
    await page.evaluate(
      ([key, cart]) => localStorage.setItem(key ?? '', cart ?? ''),
      [`cart ${people.ben}`, JSON.stringify({ courseIds: [UNPUBLISHED], couponCode: '' })],
    );
    await page.reload();
    await button(page, 'Place the order').click();
    await notice(page).waitFor();
    expect(await serious(page)).toEqual([]);
    await button(notice(page), 'Remove from the cart').click();
    await addToCart(page, 'TypeScript Beyond the Basics');
    await place(page);
    await button(page, 'Pay').click();
    await button(page, 'Continue to Stripe').waitFor();
    expect(await serious(page)).toEqual([]);
    await page.context().close();
  }, 60_000);

  it('then a course can be ordered and its payment begun without a mouse', async () => {
    const page = await stand.visit(people.ben);
    await button(page, 'Add to the cart: PostgreSQL for Application Developers').waitFor();
    const press = async (name: string | RegExp, key = 'Enter') => {
      await tabTo(page, name);
      await page.keyboard.press(key);
    };
    await press('Add to the cart: PostgreSQL for Application Developers');
    await press('Place the order');
    await page.waitForURL(/\/orders\//);
    await untilStatus(page, 'PENDING_PAYMENT');
    await press('Pay');
    await button(page, 'Continue to Stripe').waitFor();
    await press('Continue to Stripe');
    await page.waitForURL(/\/pay\//);
    await page.context().close();
  }, 60_000);

  it('then amounts and times are written as the reader writes them', async () => {
    const german = await stand.visit(people.asha, `/orders/${orderId}`, {
      locale: 'de-DE',
      timezoneId: 'Europe/Berlin',
    });
    const row = german.getByRole('row', { name: /^Total/ });
    expect((await row.innerText()).replace(/\s+/g, ' ')).toBe('Total 499,00 ₹');
    const [{ placed_at: placedAt } = { placed_at: new Date(0) }] = await stand.product.sql<{ placed_at: Date }>(
      'select placed_at from orders where id = $1',
      [orderId],
    );
    const written = new Intl.DateTimeFormat('de-DE', {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: 'Europe/Berlin',
    }).format(placedAt);
    await german.getByText(`Placed ${written}`).waitFor();
    await german.context().close();
  }, 60_000);
});

const MOST_TABS = 60;

/** Moves the focus with the tab key until something of that name has it. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate(
      () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
    );
    if (typeof name === 'string' ? focused.trim() === name : name.test(focused)) return;
  }
  throw new Error(`${String(name)} is not reached with the tab key`);
}
