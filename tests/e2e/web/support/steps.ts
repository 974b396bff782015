import type { Locator, Page } from 'playwright-core';

export const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

/** What the page says went wrong, with its ways out. */
export const notice = (page: Page | Locator): Locator => page.getByRole('alert');

/** Waits until the order that is shown has a status. */
export const untilStatus = (page: Page, status: string): Promise<void> =>
  page.locator(`[role=status] [data-status=${status}]`).waitFor();

/** Waits until the order's timeline shows something. */
export const untilEvent = (page: Page, type: string): Promise<void> =>
  page.locator(`[data-event=${type}]`).first().waitFor();

export const eventsOf = (page: Page): Promise<(string | null)[]> =>
  page.locator('[data-event]').evaluateAll((items) => items.map((item) => item.getAttribute('data-event')));

export async function addToCart(page: Page, ...titles: string[]): Promise<void> {
  for (const title of titles) await button(page, `Add to the cart: ${title}`).click();
}

/** Places what is in the cart. @returns the order's id */
export async function place(page: Page): Promise<string> {
  await button(page, 'Place the order').click();
  await page.waitForURL(/\/orders\/[0-9a-f-]{36}$/);
  return page.url().split('/').at(-1) ?? '';
}

/** Pays the order that is shown at the provider's page and comes back. */
export async function pay(page: Page, provider: 'Stripe' | 'PayPal' | 'Razorpay', press = 'Approve'): Promise<void> {
  await button(page, 'Pay').click();
  await choose(page, provider);
  await button(page, press).click();
  await page.getByRole('link', { name: 'Back to the shop' }).click();
}

/** Chooses a provider in the dialog and leaves for its page. */
export async function choose(page: Page, provider: string): Promise<void> {
  await page.getByLabel(provider, { exact: true }).check();
  await button(page, `Continue to ${provider}`).click();
  await page.waitForURL(/\/pay\//);
}
