import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isOrderNumber, orderNumber } from '../../../src/entities/order-number.js';
import { idOf } from '../../support/ids.js';

const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

describe('order numbers', () => {
  test('are EL-, eight unambiguous characters and a check character, the same for the same id', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        expect(orderNumber(id)).toMatch(/^EL-[2-9A-HJ-NP-Z]{9}$/);
        expect(orderNumber(id)).toBe(orderNumber(id));
        expect(isOrderNumber(orderNumber(id))).toBe(true);
      }),
    );
  });

  test('another attempt makes another number', () => {
    const numbers = [0, 1, 2, 3].map((attempt) => orderNumber(idOf('order'), attempt));
    expect(new Set(numbers).size).toBe(4);
  });

  test('10,000 ids make 10,000 numbers', () => {
    expect(new Set(Array.from({ length: 10_000 }, (_, n) => orderNumber(idOf(`order ${n}`)))).size).toBe(10_000);
  });

  test('every single wrong character is noticed', () => {
    const number = orderNumber(idOf('order'));
    for (let place = 3; place < number.length; place++) {
      for (const other of ALPHABET) {
        const typed = number.slice(0, place) + other + number.slice(place + 1);
        expect(isOrderNumber(typed)).toBe(typed === number);
      }
    }
  });

  test('may be typed in lower case; other texts are none', () => {
    const number = orderNumber(idOf('order'));
    expect(isOrderNumber(number.toLowerCase())).toBe(true);
    for (const text of ['', 'EL-', number.slice(3), `${number}2`, ` ${number}`, 'EL-00000000A']) {
      expect(isOrderNumber(text)).toBe(false);
    }
  });
});
