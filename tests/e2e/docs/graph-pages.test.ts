import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startProduct, type Product } from '../support/product.js';
import { readStory } from './story.js';
import { tellStory } from './tell-story.js';

const FOLDER = 'docs/graph';
const PAGES = [
  'docs/graph/place.md',
  'docs/graph/pay.md',
  'docs/graph/follow.md',
  'docs/graph/list.md',
  'docs/graph/cancel.md',
  'docs/graph/restore.md',
  'docs/graph/refund.md',
  'docs/graph/decide-refunds.md',
  'docs/graph/book.md',
  'docs/graph/wait-in-line.md',
];
const WITHOUT_STORY = ['docs/graph/README.md', 'docs/graph/reference.md'];

const storyOf = (page: string) => readStory(readFileSync(page, 'utf8'));

describe('given somebody who reads a page of docs/graph beside a product that has just been started', () => {
  let product: Product | undefined;

  afterEach(async () => {
    await product?.stop();
    product = undefined;
  }, 30_000);

  it.each(PAGES)(
    'when they do what %s says, then every answer is as it says',
    async (page) => {
      product = await startProduct();
      await tellStory(product, page, storyOf(page));
    },
    90_000,
  );
});

describe('given the pages of docs/graph', () => {
  it('then each of them is read by this test', () => {
    const files = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);
    expect(files.sort()).toEqual([...PAGES, ...WITHOUT_STORY].sort());
  });
});
