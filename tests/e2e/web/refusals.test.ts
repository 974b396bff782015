import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from 'nice-grpc';
import type { Page } from 'playwright-core';
import { hasChromium } from '../../support/chromium.js';
import { people, placeAndStart, untilOrder } from '../support/purchase-steps.js';
import { startShopStand, type ShopStand } from './support/shop-stand.js';
import { button, notice, place } from './support/steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const POSTGRES = '90c192cf-d3ac-44af-8f21-ddb66cad4a26';
const TYPESCRIPT = 'a170b338-3926-4059-b28c-105d1fb17c23';
const KAFKA = '0fd630f1-f29d-4da9-953f-48f1a09f76b5';
const UNPUBLISHED = '92276658-1e27-41c0-8a6a-63ec24ede6a4';

(hasChromium() ? describe : describe.skip)('given a cart that cannot be ordered', () => {
  let stand: ShopStand;
  beforeAll(async () => {
    stand = await startShopStand();
  }, 60_000);
  afterEach(() => {
    stand.product.neighbours.course.faults = {};
  });
  afterAll(() => stand.stop(), 30_000);

  /** A visitor whose cart was filled some time ago. */
  async function visitWith(personId: string, courseIds: string[], couponCode = ''): Promise<Page> {
    const page = await stand.visit(personId);
    await page.evaluate(
      ([id, cart]) => localStorage.setItem(`cart ${id}`, cart ?? ''),
      [personId, JSON.stringify({ courseIds, couponCode })],
    );
    await page.reload();
    await button(page, 'Place the order').click();
    return page;
  }

  const says = (page: Page, sentence: string | RegExp) => notice(page.getByLabel('Cart')).getByText(sentence).waitFor();
  const count = async () => (await stand.product.sql('select id from orders')).length;

  it('because of an open order, then the page leads to that order', async () => {
    const graph = await stand.product.as(people.asha);
    const { orderId } = await placeAndStart(graph, [FEDERATION]);
    const page = await visitWith(people.asha, [FEDERATION, POSTGRES]);
    await says(page, 'You have an open order of this already: pay or cancel it first.');
    await notice(page.getByLabel('Cart'))
      .getByRole('link', { name: /Go to order EL-/ })
      .click();
    await page.waitForURL(`**/orders/${orderId}`);
    await page.context().close();
  }, 60_000);

  it('because a course is not published, then it can be removed and the rest ordered', async () => {
    const page = await visitWith(people.ben, [UNPUBLISHED, POSTGRES]);
    await says(page, 'Not on sale any more: Rust for the Impatient.');
    await button(notice(page.getByLabel('Cart')), 'Remove from the cart').click();
    await place(page);
    await page.getByRole('row', { name: /PostgreSQL/ }).waitFor();
    await page.context().close();
  }, 60_000);

  it('because a course is owned, then the page leads to the course', async () => {
    const graph = await stand.product.as(people.ben);
    const { orderId, session } = await placeAndStart(graph, [TYPESCRIPT]);
    await stand.product.press('approve', session);
    await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED');
    const page = await visitWith(people.ben, [TYPESCRIPT]);
    await says(page, 'You own this already: TypeScript Beyond the Basics.');
    await notice(page.getByLabel('Cart')).getByRole('link', { name: 'Go to the course' }).click();
    await page.getByRole('heading', { name: 'TypeScript Beyond the Basics' }).waitFor();
    await page.getByText('You own this course').waitFor();
    await page.context().close();
  }, 60_000);

  it('because a service is down, then the page says when to try again, and the same try succeeds', async () => {
    const before = await count();
    stand.product.neighbours.course.faults = { status: Status.UNAVAILABLE };
    const page = await visitWith(people.ben, [KAFKA]);
    await says(page, 'The course service does not answer at the moment. Nothing was charged.');
    await notice(page.getByLabel('Cart'))
      .getByText(/Try again in \d+ s/)
      .waitFor();
    expect(await count()).toBe(before);
    stand.product.neighbours.course.faults = {};
    await button(notice(page.getByLabel('Cart')), 'Try again').click();
    await page.waitForURL(/\/orders\//);
    expect(await count()).toBe(before + 1);
    await page.context().close();
  }, 60_000);

  it.each([
    ['an unknown coupon', people.asha, [KAFKA], 'FREE', 'There is no coupon FREE.'],
    ['a course of one’s own', people.ines, [KAFKA], '', 'You teach this yourself: Event-Driven Systems with Kafka.'],
    ['a blocked account', people.blocked, [KAFKA], '', 'This account cannot buy or book. Please contact support.'],
  ])(
    'because of %s, then a sentence says so and nothing is ordered',
    async (_what, person, ids, coupon, sentence) => {
      const before = await count();
      const page = await visitWith(person, ids, coupon);
      await says(page, sentence);
      expect(await count()).toBe(before);
      await page.context().close();
    },
    60_000,
  );
});
