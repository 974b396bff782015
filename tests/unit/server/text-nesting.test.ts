import { describe, expect, test } from '@jest/globals';
import { nestingRefusal } from '../../../src/server/text-nesting.js';

const LIMIT = 'Nesting limit of 100 exceeded.';
const nested = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);

describe('the nesting of an operation’s text', () => {
  test.each([
    ['selections', '{a', '}'],
    ['lists', '[', ']'],
    ['objects', '{a:', '}'],
    ['arguments', 'a(b:', ')'],
    ['everything mixed', '{a(b:[', '])}'],
  ])('is limited for %s', (_, open, close) => {
    expect(nestingRefusal(nested(open, close, 5_000))).toMatchObject({ message: LIMIT });
    expect(nestingRefusal(nested(open, close, 30))).toBeUndefined();
  });

  test.each([
    ['a string', `{a(b:"${'{'.repeat(200)}")}`],
    ['a string with quotes', `{a(b:"\\"${'{'.repeat(200)}")}`],
    ['a block string', `{a(b:"""${'['.repeat(200)} \\""" ${'('.repeat(200)}""")}`],
    ['a comment', `{a # ${'{'.repeat(200)}\n}`],
  ])('does not count what stands in %s', (_, text) => {
    expect(nestingRefusal(text)).toBeUndefined();
  });
});
