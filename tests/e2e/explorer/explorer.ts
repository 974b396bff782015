import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../support/eventually.js';

const LIMIT_MS = 10_000;

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
      await runButton(page).click();
      return eventually(() => seeOrRunAgain(page), matching(expected), { limitMs: LIMIT_MS });
    },
    see: (expected) => eventually(() => shownAnswer(page), matching(expected), { limitMs: LIMIT_MS }),
    async reload() {
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

/** GraphiQL learns the name of an operation a moment after its tab was opened; before, it asks for the one of the last tab. */
async function seeOrRunAgain(page: Page): Promise<string> {
  const answer = await shownAnswer(page);
  if (answer.includes('Cannot infer operation')) await runButton(page).click();
  return answer;
}
