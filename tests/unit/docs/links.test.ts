import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { allDocuments, root } from '../../support/documents/documents.js';
import { anchorsOf, linksIn, linksOf, pathsNamedIn, problemOf } from '../../support/documents/links.js';

const documents = allDocuments();

describe.each(documents)('%s', (document) => {
  test('leads to files, headings and lines that are there', () => {
    const problems = linksOf(document).flatMap((link) => problemOf(link) ?? []);
    expect(problems).toEqual([]);
  });

  test('names only files and folders that are there', () => {
    const gone = pathsNamedIn(document).filter((path) =>
      path.includes('*') ? globSync(path, { cwd: root }).length === 0 : !existsSync(join(root, path)),
    );
    expect(gone).toEqual([]);
  });
});

describe('the check of links', () => {
  const problemsOf = (text: string) =>
    linksIn('docs/errors.md', text).map((link) => problemOf(link)?.split(': ').at(-1));

  test.each([
    ['[a](operating.md)', undefined],
    ['[a](operating.md#refunds)', undefined],
    ['[`[a]!`](#errors-as-answers)', undefined],
    ['[a](nowhere.md)', 'no such file'],
    ['[a](../../outside.md)', 'no such file'],
    ['[a](operating.md#nowhere)', 'no such heading'],
    ['[a](../src/main.ts#L1)', 'names nothing in backticks that must stand in the line'],
    ['[`nowhere`](../src/main.ts#L1)', 'the line has no nowhere'],
    ['[`import`](../src/main.ts#L1)', undefined],
    ['[`import`](../src/main.ts#L99999)', 'the line has no import'],
  ])('says of %s: %s', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test('leaves out the web, shown code and what is no link', () => {
    expect(linksIn('README.md', 'f(x) [a](https://example.com)\n```sh\n[a](nowhere)\n```\n')).toEqual([]);
  });

  test('knows two headings of one name', () => {
    expect([...anchorsOf('# A `b`.c\n## Same\n## Same\n')]).toEqual(['a-bc', 'same', 'same-1']);
  });
});
