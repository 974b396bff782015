import { describe, expect, test } from '@jest/globals';
import { isLongerThan, isWellFormedText } from '../../../../src/entities/shared/text.js';

describe('given a text, it is well-formed', () => {
  test.each([
    ['without characters', '', true],
    ['in any script', 'ஆர்டர் заказ 注文', true],
    ['with emoji, which are pairs of surrogates', 'paid 💸', true],
    ['with line breaks and other controls', 'a\n\t\u0001', true],
    ['with a noncharacter', '\uffff', true],
    ['but not with NUL', 'a\u0000b', false],
    ['but not with a high surrogate alone', 'a\ud83d', false],
    ['but not with a low surrogate alone', '\udcb8a', false],
    ['but not with a pair in the wrong order', '\udcb8\ud83d', false],
  ])('%s', (_name, text, expected) => {
    expect(isWellFormedText(text)).toBe(expected);
  });
});

describe('given a limit of 5, a text', () => {
  const family = '👨‍👩‍👧‍👦';
  test.each([
    ['of 5 letters is not longer', 'abcde', false],
    ['of 6 letters is longer', 'abcdef', true],
    ['of 5 emoji is not longer', '💸'.repeat(5), false],
    ['of 6 emoji is longer', '💸'.repeat(6), true],
    ['of 5 families is not longer', family.repeat(5), false],
    ['of 6 families is longer', family.repeat(6), true],
    ['of 5 flags is not longer', '🇮🇳'.repeat(5), false],
    ['of 5 letters with accents of their own is not longer', 'e\u0301'.repeat(5), false],
    ['of 5 syllables is not longer', 'கி'.repeat(5), false],
    ['of one letter with endless accents is longer', `e${'\u0301'.repeat(100)}`, true],
  ])('%s', (_name, text, expected) => {
    expect(isLongerThan(text, 5)).toBe(expected);
  });
});
