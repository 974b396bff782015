import { describe, expect, test } from '@jest/globals';
import { InputCheck } from '../../../src/commands/validation.js';

const fieldsOf = (check: InputCheck) => check.refusal()?.fields.map(({ path, message }) => `${path} ${message}`) ?? [];
const NOT_TEXT = 'has characters that are not valid text';
const BROKEN = ['a\u0000', '\ud800', 'a\udfff b', '\ud83d'];

describe('given text of a client', () => {
  test.each(BROKEN)('%j is refused as a note, a text and a URL, by name', (text) => {
    const check = new InputCheck()
      .note(text)
      .text(text, 'reference', { min: 1, max: 200 })
      .url(`https://shop.test/${text}`, 'successUrl');
    expect(fieldsOf(check)).toEqual([`note ${NOT_TEXT}`, `reference ${NOT_TEXT}`, `successUrl ${NOT_TEXT}`]);
  });

  test('a note of 500 characters passes, however many bytes they take; one of 501 does not', () => {
    for (const character of ['a', '💸', '👨‍👩‍👧‍👦', 'é']) {
      expect(fieldsOf(new InputCheck().note(character.repeat(500)))).toEqual([]);
      expect(fieldsOf(new InputCheck().note(character.repeat(501)))).toEqual(['note has more than 500 characters']);
    }
  });

  test('a text below its least or above its most length is refused, none at all passes', () => {
    const wrong = 'reference must be 1 to 3 characters';
    const check = (text: string | null) => fieldsOf(new InputCheck().text(text, 'reference', { min: 1, max: 3 }));
    expect([check(''), check('abcd'), check('abc'), check(null)]).toEqual([[wrong], [wrong], [], []]);
  });

  test.each(['ftp://shop.test', 'shop', `https://shop.test/${'x'.repeat(2_000)}`])(
    '%.40s is not a URL to return to',
    (url) => {
      expect(fieldsOf(new InputCheck().url(url, 'cancelUrl'))).toEqual(['cancelUrl is not an http address']);
    },
  );
});
