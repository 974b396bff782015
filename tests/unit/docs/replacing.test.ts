import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const TESTS = 'tests/e2e/platform';

/** R1, D10 … of the rows of a document's tables; D10-D12 and D33, D34 are several. */
function rowsOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => /^\| ((?:[RD]\d+)(?:[-,] ?[RD]\d+)*) +\|/.exec(line)?.[1] ?? '')
    .flatMap((names) => {
      const [from, to] = names.split('-').map((name) => Number(name.slice(1)));
      if (!to || !from) return names.split(', ').filter(Boolean);
      return Array.from({ length: to - from + 1 }, (_, n) => `${names[0]}${from + n}`);
    });
}

/** The names at the beginning of the tests. */
function namesInTests(): Set<string> {
  const text = readdirSync(TESTS)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${TESTS}/${file}`, 'utf8'))
    .join('\n');
  const titles = [...text.matchAll(/'((?:[RD]\d+(?:, )?)+):/g)].map(([, names = '']) => names.split(', '));
  return new Set(titles.flat());
}

test('every row of docs/replacing-order-srv.md has a test that is named by it, and every such test a row', () => {
  const rows = rowsOf('docs/replacing-order-srv.md');
  expect(rows).toHaveLength(15 + 51);
  expect([...namesInTests()].sort()).toEqual([...rows].sort());
});
