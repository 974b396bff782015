import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isWellFormedText } from '../../../src/entities/shared/text.js';
import { wellFormedAnswer } from '../../../src/platform/well-formed-answer.js';

test('text anywhere in an answer becomes storable, everything else stays', () => {
  const bytes = new Uint8Array([0, 1]);
  const answer = {
    result: { $case: 'courses', value: [{ title: 'a\u0000b', tags: ['\ud800', 'ü'], price: 1n, bytes, none: null }] },
  };
  expect(wellFormedAnswer(answer)).toEqual({
    result: { $case: 'courses', value: [{ title: 'ab', tags: ['\ufffd', 'ü'], price: 1n, bytes, none: null }] },
  });
});

test('no text of any answer is malformed afterwards', () => {
  const text = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
  fc.assert(
    fc.property(fc.array(fc.record({ a: text, b: fc.record({ c: text }) })), (answer) => {
      for (const { a, b } of wellFormedAnswer(answer)) expect([a, b.c].every(isWellFormedText)).toBe(true);
    }),
  );
});
