/**
 * npm run screenshots: takes the pictures of the web page that the README shows, from a product with empty data that lives as
 * long as this takes. It needs a Chromium on the PATH, or its path in CHROMIUM.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startLaptop } from '../laptop/start-laptop.js';
import { buildShop } from './build-shop.js';

const PEOPLE = { asha: '6513270e-269e-4d37-b2a7-4de452e6b438', ben: 'd23f0824-128b-4f33-8c5c-7fd0a6a3a450' };
const OPERATOR = '36f675cc-81e7-4ef5-a8e2-5d940ed90475';
const FOLDER = 'docs/pictures';
const WINDOW = { width: 1120, height: 700 };
const PHONE = { width: 375, height: 700 };
const PORTS = ['GATEWAY', 'HTTP', 'USERS', 'COURSES', 'SESSIONS', 'DEV', 'GRPC'];

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function takePictures(browser: Browser, pageUrl: string): Promise<void> {
  const visit = async (personId: string, path: string, options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({
      viewport: WINDOW,
      locale: 'en-IN',
      timezoneId: 'Asia/Kolkata',
      ...options,
    });
    await context.addInitScript((id) => localStorage.setItem('signed-in as', id), personId);
    const page = await context.newPage();
    await page.goto(`${pageUrl}/shop${path}`);
    return page;
  };
  const take = (page: Page, name: string) => page.screenshot({ path: `${FOLDER}/${name}.png` });

  const asha = await visit(PEOPLE.asha, '/');
  for (const title of ['GraphQL Federation from Zero', 'TypeScript Beyond the Basics']) {
    await button(asha, `Add to the cart: ${title}`).click();
  }
  await asha.getByText('Total').waitFor();
  await take(asha, 'shop');
  await button(asha, 'Place the order').click();
  await button(asha, 'Pay').click();
  await button(asha, 'Continue to Stripe').click();
  await button(asha, 'Approve').click();
  await asha.getByRole('link', { name: 'Back to the shop' }).click();
  await asha.getByText('All delivered').waitFor();
  await take(asha, 'order');

  const ben = await visit(PEOPLE.ben, '/sessions', { colorScheme: 'dark', viewport: PHONE });
  await button(ben, 'Book a seat: Schema design clinic').click();
  await ben.getByRole('timer').scrollIntoViewIfNeeded();
  await take(ben, 'sessions');

  const operator = await visit(OPERATOR, '/desk/revenue');
  await operator.getByRole('table').waitFor();
  await take(operator, 'desk');
}

await buildShop();
const dataDir = mkdtempSync(join(tmpdir(), 'orders-pictures-'));
const ports = Object.fromEntries(PORTS.map((name) => [`${name}_PORT`, '0']));
const laptop = await startLaptop({ env: { ...process.env, ...ports, DATA_DIR: dataDir }, fresh: true, show: () => {} });
const executablePath = process.env['CHROMIUM'] ?? execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await takePictures(browser, laptop.neighbours?.pageUrl ?? '');
  console.log(`written to ${FOLDER}`);
} finally {
  await browser.close();
  await laptop.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
