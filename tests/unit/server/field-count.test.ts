import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, specifiedRules, validate } from 'graphql';
import { fieldCountOf, maxFieldsRule } from '../../../src/server/field-count.js';

const schema = buildSchema('type Query { a: Query, b: Query, id: ID }');
const count = (text: string) => fieldCountOf(parse(text)).largest;
const repeat = (times: number, part: (i: number) => string) =>
  Array.from({ length: times }, (_, i) => part(i)).join(' ');

describe('given a document, its fields are', () => {
  test.each([
    ['those that are written', '{ a { id } b { id __typename } }', 5],
    ['each that is written twice twice', '{ id id x: id }', 3],
    ['those of inline fragments', '{ ... on Query { id } ... { a { id } } }', 3],
    ['those of a fragment wherever it is spread', '{ a { ...F } b { ...F } } fragment F on Query { id __typename }', 6],
    ['those of all its operations together', 'query A { id } query B { ...F } fragment F on Query { id id }', 3],
    ['those of a fragment that nobody spreads', '{ id } fragment F on Query { id id id }', 3],
    ['none of a fragment that is missing', '{ id ...F }', 1],
    ['none of a directive or an argument', 'query ($v: Boolean = true) { id @skip(if: $v) }', 1],
    ['once those of a fragment that spreads itself', '{ ...F } fragment F on Query { id a { ...F } }', 2],
    ['none without operations', 'type A { a: Int }', 0],
  ])('%s', (_name, text, expected) => {
    expect(count(text)).toBe(expected);
  });

  test('every way through fragments that double from one to the next, without walking each', () => {
    const doubling = repeat(300, (i) => `fragment F${i} on Query { a { ...F${i + 1} } b { ...F${i + 1} } }`);
    expect(count(`{ ...F0 } ${doubling} fragment F300 on Query { id }`)).toBe(3 * 2 ** 300 - 2);
  });
});

describe('given a limit of fields', () => {
  const errors = (text: string, limit: number) =>
    validate(schema, parse(text), [...specifiedRules, maxFieldsRule(limit)]).map(({ message }) => message);

  test('a document of as many passes, of one more is refused', () => {
    expect(errors('{ a { id } }', 2)).toEqual([]);
    expect(errors('{ a { id id } }', 2)).toEqual(['Fields limit of 2 exceeded, found 3.']);
  });

  test('then one that is refused is not traversed by any rule', () => {
    expect(errors('query ($unused: Nothing) { unknown ...Missing a { id(nothing: 1) } }', 2)).toEqual([
      'Fields limit of 2 exceeded, found 3.',
    ]);
  });

  test('then one within it is validated as usual', () => {
    expect(errors('{ ...F } fragment F on Query { id ...F }', 2)).toEqual([
      'Cannot spread fragment "F" within itself.',
    ]);
  });
});
