import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { hasChromium } from '../../support/chromium.js';
import { eventually } from '../../support/eventually.js';
import { people, PLACE, placeAndStart, untilOrder } from '../support/purchase-steps.js';
import { startShopStand, type ShopStand } from './support/shop-stand.js';
import { button, notice, untilEvent, untilStatus } from './support/steps.js';

const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const OTHER = '90c192cf-d3ac-44af-8f21-ddb66cad4a26';
const CANCEL = `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }`;
const MANY = 45;

(hasChromium() ? describe : describe.skip)('given a buyer with orders', () => {
  let stand: ShopStand;
  beforeAll(async () => {
    stand = await startShopStand();
  }, 60_000);
  afterAll(() => stand.stop(), 30_000);

  const listed = (page: Page) => page.getByRole('list', { name: 'Orders' }).getByRole('listitem');

  it('when they scroll, then every order is listed once, and filters leave what they say', async () => {
    const asha = await stand.product.as(people.asha);
    const ids: string[] = [];
    for (let i = 0; i < MANY; i++) {
      const { order } = (await asha.ask(PLACE, { input: { courseIds: [COURSE] } })).data.placeOrder;
      ids.push(order.id);
      if (i < MANY - 1) await asha.ask(CANCEL, { input: { orderId: order.id } });
    }
    const page = await stand.visit(people.asha, '/orders');
    await listed(page).nth(19).waitFor();
    for (const shown of [20, 40, MANY]) {
      await listed(page)
        .nth(shown - 1)
        .scrollIntoViewIfNeeded();
    }
    const links = await listed(page)
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).toEqual(ids.toReversed().map((id) => `/shop/orders/${id}`));

    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'To be paid' }).click();
    await page.keyboard.press('Escape');
    const statuses = () => listed(page).locator('[data-status]').allTextContents();
    await eventually(statuses, (shown) => shown.join() === 'To be paid');
    await page.context().close();
  }, 60_000);

  it('when an order is placed elsewhere, then it appears in the list by itself', async () => {
    const ben = await stand.product.as(people.ben);
    const page = await stand.visit(people.ben, '/orders');
    await page.getByText('No orders.').waitFor();
    await ben.ask(PLACE, { input: { courseIds: [COURSE, OTHER] } });
    await listed(page).getByText('To be paid').waitFor();
    await page.context().close();
  }, 60_000);

  it('when one order is open in two browsers, then each sees at once what the other did', async () => {
    const { order } = (
      await (
        await stand.product.as(people.ben)
      ).ask(PLACE, { input: { courseIds: ['0cb1e29c-658c-4a14-95e6-0af593bd04cf'] } })
    ).data.placeOrder;
    const [desk, sofa] = [
      await stand.visit(people.ben, `/orders/${order.id}`),
      await stand.visit(people.ben, `/orders/${order.id}`),
    ];
    await button(desk, 'Pay').click();
    await button(desk, 'Continue to Stripe').waitFor();

    await button(sofa, 'Cancel the order').click();
    await sofa.getByLabel('Why (optional)').fill('Found it cheaper');
    await button(sofa, 'Cancel it').click();
    await untilStatus(sofa, 'CANCELLED');

    await untilStatus(desk, 'CANCELLED');
    await button(desk, 'Continue to Stripe').click();
    await notice(desk).getByText('Not possible in this state.').waitFor();
    await button(desk, 'Close').click();

    await button(desk, 'Restore').click();
    await button(desk, 'Restore it').click();
    await untilStatus(sofa, 'PENDING_PAYMENT');
    await untilEvent(sofa, 'RESTORED');
    expect(await sofa.getByText('Found it cheaper').count()).toBe(1);
    await desk.context().close();
    await sofa.context().close();
  }, 60_000);

  it('when a refund is asked for, then the button says why not again, and the money is seen coming back', async () => {
    const asha = await stand.product.as(people.asha);
    const { orderId, session } = await placeAndStart(asha, [OTHER]);
    await stand.product.press('approve', session);
    await untilOrder(asha, orderId, 'SUCCEEDED', 'FULFILLED');
    const [buyer, operator] = [
      await stand.visit(people.asha, `/orders/${orderId}`),
      await stand.visit(people.admin, '/desk/refunds'),
    ];
    await button(buyer, 'Ask for a refund').click();
    await buyer.getByLabel('Why (optional)').fill('Not what I thought');
    await button(buyer, 'Ask for it').click();
    await buyer.getByText('A refund of this is already under way.').waitFor();
    expect(await button(buyer, 'Ask for a refund').getAttribute('aria-disabled')).toBe('true');

    await operator.getByText('“Not what I thought”').waitFor();
    await button(operator, 'Approve').click();
    await operator.getByText('None.').waitFor();
    await buyer.getByLabel('Refunds').getByText('Approved, on its way').waitFor();
    await settleAtProvider();
    await untilStatus(buyer, 'REFUNDED');
    await buyer.getByLabel('Refunds').getByText('Paid back').waitFor();
    await buyer.context().close();
    await operator.context().close();
  }, 60_000);

  it('when somebody else’s order is opened, then nothing is shown', async () => {
    const { order } = (
      await (
        await stand.product.as(people.ines, { roles: ['instructor'] })
      ).ask(PLACE, {
        input: { courseIds: ['0cb1e29c-658c-4a14-95e6-0af593bd04cf'] },
      })
    ).data.placeOrder;
    const page = await stand.visit(people.ben, `/orders/${order.id}`);
    await page.getByRole('heading', { name: 'Nothing is here' }).waitFor();
    await page.context().close();
  }, 60_000);

  /** The payment service's operator gives the money back. */
  async function settleAtProvider(): Promise<void> {
    const { pageUrl } = stand.product;
    const refunds = (await (await fetch(`${pageUrl}/refunds`)).json()) as { id: string }[];
    for (const { id } of refunds) {
      await fetch(`${pageUrl}/refunds/${id}/settle`, { method: 'POST', headers: { accept: 'application/json' } });
    }
  }
});
