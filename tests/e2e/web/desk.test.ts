import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Request } from 'playwright-core';
import { hasChromium } from '../../support/chromium.js';
import { people, placeAndStart, untilOrder } from '../support/purchase-steps.js';
import { startShopStand, type ShopStand } from './support/shop-stand.js';
import { button, untilStatus } from './support/steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const KAFKA = '0fd630f1-f29d-4da9-953f-48f1a09f76b5';

(hasChromium() ? describe : describe.skip)('given what has been sold', () => {
  let stand: ShopStand;
  let orderId: string;
  beforeAll(async () => {
    // Waits of a few hundred milliseconds instead of minutes.
    stand = await startShopStand({ FULFILMENT_RETRY_MINUTES: '0.004,0.006,0.008' });
    orderId = await buy(people.asha, FEDERATION, 'FULFILLED');
  }, 60_000);
  afterAll(() => stand.stop(), 30_000);

  async function buy(person: string, courseId: string, fulfilment: string): Promise<string> {
    const graph = await stand.product.as(person);
    const { orderId: id, session } = await placeAndStart(graph, [courseId]);
    await stand.product.press('approve', session);
    await untilOrder(graph, id, 'SUCCEEDED', fulfilment);
    return id;
  }

  it('when somebody else is chosen at the top, then the page and its token are theirs', async () => {
    const page = await stand.visit(people.asha);
    await page.getByRole('link', { name: 'My orders' }).waitFor();
    expect(await page.getByRole('link', { name: 'Desk' }).count()).toBe(0);
    const asked = page.waitForRequest((request) => userOf(request) === people.admin);
    await page.getByLabel('Signed in as').selectOption(people.admin);
    await page.getByRole('link', { name: 'Desk' }).waitFor();
    await asked;
    await page.reload();
    await page.getByRole('link', { name: 'Desk' }).waitFor();
    await page.context().close();
  }, 60_000);

  it('when an operator opens the desk, then revenue is a chart and a table that say the same', async () => {
    const page = await stand.visit(people.admin, '/desk');
    const month = new Intl.DateTimeFormat('en-IN', { month: 'short' }).format(new Date());
    const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: month }) });
    await row.getByText('₹499.00').first().waitFor();
    expect((await row.innerText()).split(/\s+/)).toEqual([month, '1', '₹499.00', '₹0.00', '₹499.00']);
    const chart = page.getByRole('img', { name: /Revenue by month/ });
    const painted = await chart.evaluate((canvas: HTMLCanvasElement) =>
      canvas
        .getContext('2d')
        ?.getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0),
    );
    expect(painted).toBe(true);
    await page.context().close();
  }, 60_000);

  it('when an operator filters orders, then only those are listed, whoever placed them', async () => {
    const page = await stand.visit(people.admin, '/desk/orders');
    const rows = page.getByRole('table', { name: 'Orders' }).getByRole('row');
    await rows.filter({ hasText: 'Asha Rao' }).waitFor();
    await page.getByLabel('Buyer’s id').fill(people.ben);
    await page.getByText('No orders.').waitFor();
    await page.getByLabel('Buyer’s id').fill(people.asha);
    await rows.filter({ hasText: 'Asha Rao' }).getByRole('link').click();
    await page.waitForURL(`**/orders/${orderId}`);
    await untilStatus(page, 'SUCCEEDED');
    expect(await page.getByText('Only the buyer can do this.').count()).toBeGreaterThan(0);
    await page.context().close();
  }, 60_000);

  it('when a delivery is stuck, then the desk shows its error, and a retry delivers it', async () => {
    stand.product.neighbours.course.enrolments.fail = true;
    const stuck = await buy(people.ben, KAFKA, 'STUCK');
    const buyer = await stand.visit(people.ben, `/orders/${stuck}`);
    await buyer.getByText('Delivery is stuck: we are on it').first().waitFor();
    const page = await stand.visit(people.admin, '/desk/stuck');
    await page.getByText(`not enrolled: ${KAFKA}`).waitFor();
    stand.product.neighbours.course.enrolments.fail = false;
    await button(page, 'Try again').click();
    await page.getByText('Nothing is stuck.').waitFor();
    await buyer.getByText('All delivered').waitFor();
    await page.context().close();
    await buyer.context().close();
  }, 60_000);

  it('when an instructor looks, then their own courses’ sales are listed, and no others', async () => {
    const page = await stand.visit(people.ines, '/teaching');
    const table = page.getByRole('table', { name: 'Sales by course' });
    const row = table.getByRole('row', { name: /GraphQL Federation from Zero/ });
    expect((await row.innerText()).split(/\t/)).toEqual([
      'GraphQL Federation from Zero',
      '1',
      '₹499.00',
      '₹0.00',
      '₹499.00',
    ]);
    await table.getByRole('row', { name: /^PostgreSQL .* 0 ₹0\.00/ }).waitFor();
    expect(await table.getByText('Observability in Practice').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Desk' }).count()).toBe(0);
    await page.goto(`${stand.product.pageUrl}/shop/desk`);
    await page.getByText('The desk is for operators.').waitFor();
    await page.context().close();
  }, 60_000);
});

/** Whose token a request carries. */
function userOf(request: Request): string | undefined {
  const [, claims] = (request.headers()['authorization'] ?? '').split('.');
  return claims && (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { userId: string }).userId;
}
