import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchOfflineChromium } from '../../../support/chromium.js';
import { startProduct, type Product } from '../../support/product.js';

const LIMIT_MS = 15_000;

/** The product, and people who look at its web page, each in a browser context of their own. */
export interface ShopStand {
  readonly product: Product;
  /** Opens a page of the shop as somebody. */
  visit(personId: string, path?: string, options?: BrowserContextOptions): Promise<Page>;
  stop(): Promise<void>;
}

export async function startShopStand(env: Readonly<Record<string, string>> = {}): Promise<ShopStand> {
  const product = await startProduct(env);
  const visitors = await startVisitors(() => product.pageUrl);
  return {
    product,
    visit: visitors.visit,
    stop: async () => {
      await product.stop();
      await visitors.stop();
    },
  };
}

/** @param shopUrl origin of the page, asked for at every visit */
export async function startVisitors(shopUrl: () => string) {
  const browser: Browser = await launchOfflineChromium();
  const pageErrors: string[] = [];
  const visit = async (personId: string, path = '/', options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ locale: 'en-IN', timezoneId: 'Asia/Kolkata', ...options });
    await signIn(context, personId);
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', ({ stack, message }) => pageErrors.push(stack ?? message));
    await page.goto(`${shopUrl()}/shop${path}`);
    return page;
  };
  const stop = async () => {
    await browser.close();
    if (pageErrors.length > 0) throw new Error(`the page failed:\n${pageErrors.join('\n')}`);
  };
  return { visit, stop };
}

/** As the page remembers it, unless somebody else was chosen since. */
async function signIn(context: BrowserContext, personId: string): Promise<void> {
  await context.addInitScript((id) => {
    if (!localStorage.getItem('signed-in as')) localStorage.setItem('signed-in as', id);
  }, personId);
}
