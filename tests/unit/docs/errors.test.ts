import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ErrorCode } from '../../../src/entities/refusals.js';
import { EXPECTED_CODES } from '../../../src/server/error-format.js';

const NAME = /`([A-Z_]+)`/g;
/** The names in the first column of the tables, table by table. */
const tables = readFileSync('docs/errors.md', 'utf8')
  .split('**Everything else**')
  .map((part) =>
    part
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(NAME)].map(([, name = '']) => name))
      .filter((name) => name === name.toUpperCase()),
  );

test('docs/errors.md names every code of a business outcome and nothing else', () => {
  expect(tables[0]?.sort()).toEqual(Object.values(ErrorCode).sort());
});

test('docs/errors.md names every code of errors[] and nothing else', () => {
  expect(tables[1]?.sort()).toEqual([...EXPECTED_CODES, 'INTERNAL_SERVER_ERROR'].sort());
});
