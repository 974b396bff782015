import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Money } from '../../../../src/entities/money.js';
import { checkFloatAmounts } from '../../../../src/entities/payment/amount-errors.js';
import { isExactInFloat } from '../../../../src/entities/payment/exact-amount.js';

const item = (price: bigint, listPrice = price) => ({
  price: new Money(price, 'INR'),
  listPrice: new Money(listPrice, 'INR'),
});

test.each([
  ['the limit', 16_777_216n, true],
  ['one more than the limit', 16_777_217n, false],
  ['671,088 rupees', 67_108_800n, true],
  ['671,089 rupees', 67_108_900n, false],
  ['more than any number of JavaScript', 2n ** 53n + 1n, false],
])('%s travels unchanged: %s', (_, minor, exact) => {
  expect(isExactInFloat(minor)).toBe(exact);
  expect(checkFloatAmounts([item(minor)]) === undefined).toBe(exact);
});

test('what cannot be paid names its total and the limit', () => {
  expect(checkFloatAmounts([item(67_108_900n)])).toMatchObject({
    code: 'TOTAL_NOT_PAYABLE',
    total: { minor: 67_108_900n },
    limit: { minor: 16_777_216n, currency: 'INR' },
  });
});

test('the list prices count as well: the payment service reads the discount', () => {
  expect(checkFloatAmounts([item(100n, 16_777_217n)])).toBeDefined();
});

test('what is payable has only amounts that a 32-bit float holds', () => {
  const prices = fc.array(fc.bigInt(0n, 2n ** 40n), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(prices, (all) => {
      if (checkFloatAmounts(all.map((price) => item(price)))) return;
      const total = all.reduce((a, b) => a + b, 0n);
      for (const amount of [...all, total]) expect(BigInt(Math.fround(Number(amount)))).toBe(amount);
    }),
  );
});
