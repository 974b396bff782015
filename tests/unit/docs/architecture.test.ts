import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readDocument, root } from '../../support/documents/documents.js';

const text = readDocument('docs/architecture.md');

/** Folders of src that a picture joins with an arrow. */
const arrows = [...text.matchAll(/^ +(\w+) --> (\w+)$/gm)]
  .map(([, from = '', to = '']) => [from, to] as const)
  .filter(([from, to]) => [from, to].every((name) => existsSync(join(root, 'src', name))));

/** The rows of the table that is printed from the rules. */
const rules = [...text.matchAll(/^\| (?:the rest of )?`(\w+)[^`]*` +\| (.*)\|$/gm)].map(([, from = '', uses = '']) => ({
  from,
  uses,
}));

test('the picture of docs/architecture.md has only arrows that the layers allow', () => {
  expect(arrows.length).toBeGreaterThan(15);
  const forbidden = arrows.filter(
    ([from, to]) => !rules.some((rule) => rule.from === from && rule.uses.includes(`\`${to}/`)),
  );
  expect(forbidden).toEqual([]);
});
