import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { hasChromium } from '../../support/chromium.js';
import { people } from '../support/purchase-steps.js';
import { startShopStand, type ShopStand } from './support/shop-stand.js';
import { button, choose, untilStatus } from './support/steps.js';

const PAIR = 'Pair review of your service';
const OFFICE = 'Office hours for two';
const CLINIC = 'Schema design clinic';

(hasChromium() ? describe : describe.skip)('given people at the live sessions', () => {
  let stand: ShopStand;
  beforeAll(async () => {
    stand = await startShopStand();
  }, 60_000);
  afterAll(() => stand.stop(), 30_000);

  const card = (page: Page, title: string) => page.getByRole('article', { name: title });
  const seats = (page: Page, title: string, text: string) => card(page, title).getByText(text).waitFor();

  it('when one books a priced seat and pays, then the hold counts down and the seat is theirs; giving it back frees it', async () => {
    const [asha, ben] = [await stand.visit(people.asha, '/sessions'), await stand.visit(people.ben, '/sessions')];
    await seats(ben, CLINIC, '30 of 30 seats left');
    await button(asha, `Book a seat: ${CLINIC}`).click();
    await card(asha, CLINIC).getByText('Held for you').waitFor();
    expect(await card(asha, CLINIC).getByRole('timer').innerText()).toMatch(/^held for (10:00|9:\d\d)$/);
    await seats(ben, CLINIC, '29 of 30 seats left');

    await card(asha, CLINIC).getByRole('link', { name: 'Pay' }).click();
    await choose(asha, 'Stripe');
    await button(asha, 'Approve').click();
    await asha.getByRole('link', { name: 'Back to the shop' }).click();
    await untilStatus(asha, 'SUCCEEDED');
    await asha.getByRole('link', { name: 'Sessions' }).click();
    await card(asha, CLINIC).getByText('Booked').waitFor();

    await button(card(asha, CLINIC), 'Give the seat back').click();
    await button(asha, `Book a seat: ${CLINIC}`).waitFor();
    await seats(ben, CLINIC, '30 of 30 seats left');
    await asha.getByLabel('My bookings').getByText('Cancelled', { exact: true }).waitFor();
    await asha.context().close();
    await ben.context().close();
  }, 60_000);

  it('when a session is full, then people wait in line, see their place, and get the next seat without reloading', async () => {
    const [asha, ben, ines] = [
      await stand.visit(people.asha, '/sessions'),
      await stand.visit(people.ben, '/sessions'),
      await stand.visit(people.ines, '/sessions'),
    ];
    await button(asha, `Book a seat: ${OFFICE}`).click();
    await card(asha, OFFICE).getByText('Booked').waitFor();
    await button(ben, `Book a seat: ${OFFICE}`).click();
    await card(ben, OFFICE).getByText('Booked').waitFor();
    await seats(ines, OFFICE, '0 of 2 seats left');

    await button(ines, `Wait in line: ${OFFICE}`).click();
    await card(ines, OFFICE).getByText('You are number 1 in line').waitFor();
    await button(ines, `Stop waiting: ${OFFICE}`).click();
    await button(ines, `Wait in line: ${OFFICE}`).click();
    await card(ines, OFFICE).getByText('You are number 1 in line').waitFor();

    await button(card(ben, OFFICE), 'Give the seat back').click();
    await card(ines, OFFICE).getByText('Booked').waitFor();
    await seats(ben, OFFICE, '0 of 2 seats left');
    for (const page of [asha, ben, ines]) await page.context().close();
  }, 60_000);

  it('when two want the last seat, then one has it and the other is told to wait in line', async () => {
    const [asha, ben, ines] = [
      await stand.visit(people.asha, '/sessions'),
      await stand.visit(people.ben, '/sessions'),
      await stand.visit(people.admin, '/sessions'),
    ];
    await button(ines, `Book a seat: ${PAIR}`).click();
    await seats(asha, PAIR, '1 of 2 seats left');
    await seats(ben, PAIR, '1 of 2 seats left');
    await Promise.all([button(asha, `Book a seat: ${PAIR}`).click(), button(ben, `Book a seat: ${PAIR}`).click()]);
    const outcome = async (page: Page) => {
      await card(page, PAIR)
        .getByText('Held for you')
        .or(button(page, `Wait in line: ${PAIR}`))
        .waitFor();
      return card(page, PAIR).getByText('Held for you').count();
    };
    expect((await outcome(asha)) + (await outcome(ben))).toBe(1);
    for (const page of [asha, ben, ines]) await page.context().close();
  }, 60_000);
});
