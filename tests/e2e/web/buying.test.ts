import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasChromium } from '../../support/chromium.js';
import { eventually } from '../../support/eventually.js';
import { people } from '../support/purchase-steps.js';
import { startShopStand, type ShopStand } from './support/shop-stand.js';
import { addToCart, button, eventsOf, notice, pay, place, untilEvent, untilStatus } from './support/steps.js';

const [FEDERATION, TYPESCRIPT] = ['GraphQL Federation from Zero', 'TypeScript Beyond the Basics'];
const [POSTGRES, KAFKA] = ['PostgreSQL for Application Developers', 'Event-Driven Systems with Kafka'];
const PLACES = /"operationName":"PlaceOrder"/;

(hasChromium() ? describe : describe.skip)('given a buyer at the web page', () => {
  let stand: ShopStand;
  beforeAll(async () => {
    stand = await startShopStand();
  }, 60_000);
  afterAll(() => stand.stop(), 30_000);

  it.each([
    ['Stripe', [FEDERATION, TYPESCRIPT], '₹1,098.00'],
    ['PayPal', [POSTGRES], '₹1,499.00'],
    ['Razorpay', [KAFKA], '₹1,999.00'],
  ] as const)(
    'when they buy with %s, then the order becomes paid and delivered before their eyes',
    async (provider, titles, total) => {
      const page = await stand.visit(people.asha);
      await addToCart(page, ...titles);
      await page.getByLabel('Cart').getByText(total).last().waitFor();
      await place(page);
      await untilStatus(page, 'PENDING_PAYMENT');
      await page.getByRole('timer').waitFor();

      await pay(page, provider);
      await untilStatus(page, 'SUCCEEDED');
      await untilEvent(page, 'FULFILLED');

      expect(await page.getByRole('row', { name: 'Paid' }).first().innerText()).toContain(total);
      const versions = await stand.product.sql<{ type: string }>(
        'select type from order_events where order_id = $1 order by version',
        [orderIdOf(page.url())],
      );
      expect(await eventsOf(page)).toEqual(versions.map(({ type }) => type));
      await page.context().close();
    },
    60_000,
  );

  it('when a payment is declined, then the order says so, and can be restored and paid', async () => {
    const page = await stand.visit(people.ben);
    await addToCart(page, TYPESCRIPT);
    await place(page);
    await pay(page, 'PayPal', 'Decline');
    await untilStatus(page, 'FAILED');
    await page.getByText('Why: the payment was declined').waitFor();

    await button(page, 'Restore').click();
    await button(page, 'Restore it').click();
    await untilStatus(page, 'PENDING_PAYMENT');
    await pay(page, 'Stripe');
    await untilStatus(page, 'SUCCEEDED');
    await page.context().close();
  }, 60_000);

  it('when the answer to the order is lost and the page is loaded anew, then the same key makes one order', async () => {
    const page = await stand.visit(people.ben);
    const keys: string[] = [];
    await page.route('**/graphql', async (route) => {
      const body = route.request().postData() ?? '';
      if (!PLACES.test(body)) return route.continue();
      keys.push(JSON.parse(body).variables.input.idempotencyKey);
      if (keys.length > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await addToCart(page, POSTGRES, KAFKA);
    await button(page, 'Place the order').click();
    await eventually(() => keys.length === 1);
    await page.reload();
    await page.getByLabel('Cart').getByText(POSTGRES).waitFor();
    await place(page);

    expect(new Set(keys).size).toBe(1);
    const orders = await stand.product.sql(
      `select o.id from orders o join order_items i on i.order_id = o.id where o.buyer_id = $1 and i.title = $2`,
      [people.ben, KAFKA],
    );
    expect(orders).toEqual([{ id: orderIdOf(page.url()) }]);
    expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('idempotency')))).toEqual(
      [],
    );
    await page.context().close();
  }, 60_000);

  it('when something is already bought, then the shop says so instead of selling it', async () => {
    const page = await stand.visit(people.asha);
    await page.getByRole('article').filter({ hasText: FEDERATION }).getByText('You own this course').waitFor();
    expect(await button(page, `Add to the cart: ${FEDERATION}`).count()).toBe(0);
    expect(await notice(page).count()).toBe(0);
    await page.context().close();
  }, 60_000);
});

const orderIdOf = (url: string) => /orders\/([0-9a-f-]{36})/.exec(url)?.[1];
