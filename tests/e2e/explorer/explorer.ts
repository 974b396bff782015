import type { Browser, Page, Request } from 'playwright-core';
import { eventually } from '../../support/eventually.js';

const LIMIT_MS = 10_000;
/** How long a press is given to send something: one more would stop a subscription that it began. */
const SEND_MS = 2_000;

/** The page of the explorer as somebody uses it. */
export interface Explorer {
  titles(): Promise<string[]>;
  /** Opens a tab and runs it. @returns the answer that is shown, as soon as it matches */
  run(title: string, expected: RegExp): Promise<string>;
  /** What is shown of an answer, as soon as it matches. */
  see(expected: RegExp): Promise<string>;
  reload(): Promise<void>;
}

/** Opens the page in a browser that has not seen it before. */
export async function openExplorer(browser: Browser, url: string): Promise<Explorer> {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1200 } });
  page.setDefaultTimeout(LIMIT_MS);
  const ready = () => runButton(page).waitFor();
  await page.goto(url);
  await ready();
  return {
    titles: () => tabs(page).allInnerTexts(),
    async run(title, expected) {
      await tabs(page).filter({ hasText: title }).click();
      await untilKept(page);
      await eventually(() => press(page, title), Boolean, { limitMs: LIMIT_MS });
      return eventually(() => shownAnswer(page), matching(expected), { limitMs: LIMIT_MS });
    },
    see: (expected) => eventually(() => shownAnswer(page), matching(expected), { limitMs: LIMIT_MS }),
    async reload() {
      await untilKept(page);
      await page.reload();
      await ready();
    },
  };
}

const tabs = (page: Page) => page.locator('.graphiql-tab-button');
const runButton = (page: Page) => page.locator('.graphiql-execute-button');
const matching = (expected: RegExp) => (answer: string) => expected.test(answer);

async function shownAnswer(page: Page): Promise<string> {
  const text = await page.locator('.result-window').innerText();
  // The editor shows no-break spaces.
  return text.replaceAll('\u00a0', ' ');
}

/** GraphiQL keeps the open tab a moment after it was opened, and knows its operation then. */
async function untilKept(page: Page): Promise<void> {
  const open = await page.locator('.graphiql-tab-active .graphiql-tab-button').innerText();
  const kept = () =>
    page.evaluate(() => {
      const { tabs: all, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}');
      return all?.[activeTabIndex]?.title as string | undefined;
    });
  await eventually(kept, (title) => title === open, { limitMs: LIMIT_MS });
}

/**
 * Presses the button. GraphiQL learns the name of an operation a moment after its tab was opened, and before looks for the one
 * of the last tab and sends nothing.
 * @returns whether the operation was sent
 */
function press(page: Page, title: string): Promise<boolean> {
  const sent = page.waitForRequest((request) => operationOf(request) === title, { timeout: SEND_MS });
  return Promise.all([sent, runButton(page).click()]).then(
    () => true,
    () => false,
  );
}

/** Subscriptions are asked for with GET. */
function operationOf(request: Request): string | null | undefined {
  if (request.method() === 'GET') return new URL(request.url()).searchParams.get('operationName');
  return (request.postDataJSON() as { operationName?: string } | null)?.operationName;
}
