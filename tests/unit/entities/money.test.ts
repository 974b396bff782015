import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromMajorFloat, fromMajorUnits, Money } from '../../../src/entities/money.js';

const rupees = (minor: bigint) => new Money(minor, 'INR');

describe('money', () => {
  test('adds and subtracts minor units of one currency, also beyond what a double holds', () => {
    const large = 9_007_199_254_740_993n;
    expect(rupees(large).plus(rupees(1n))).toEqual(rupees(large + 1n));
    expect(rupees(100n).minus(rupees(250n))).toEqual(rupees(-150n));
    expect(Money.zero('INR').plus(rupees(7n)).amount).toBe(7);
  });

  test('refuses to mix currencies', () => {
    const dollars = new Money(100n, 'USD');
    expect(() => rupees(1n).plus(dollars)).toThrow(new RangeError('INR and USD do not add up'));
    expect(() => rupees(1n).minus(dollars)).toThrow(RangeError);
  });

  test('an operation leaves its operands as they were', () => {
    const five = rupees(5n);
    five.plus(rupees(1n));
    five.allocate([1n, 1n]);
    expect(five).toEqual(rupees(5n));
  });
});

describe('allocation', () => {
  test.each([
    ['one each for the largest remainders, ties to the first', 100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    ['the largest remainder, not the largest weight', 10n, [6n, 7n, 9n], [3n, 3n, 4n]],
    ['a weight of zero gets nothing', 7n, [0n, 1n], [0n, 7n]],
    ['all weights zero: the first gets everything', 7n, [0n, 0n], [7n, 0n]],
    ['nothing to share out', 0n, [3n, 4n], [0n, 0n]],
  ])('%s', (_, amount, weights, parts) => {
    expect(
      rupees(amount)
        .allocate(weights)
        .map(({ minor }) => minor),
    ).toEqual(parts);
  });

  test.each([
    ['no weights', 1n, []],
    ['a negative weight', 1n, [2n, -1n]],
    ['a negative amount', -1n, [1n]],
  ])('refuses %s', (_, amount, weights) => {
    expect(() => rupees(amount).allocate(weights)).toThrow(RangeError);
  });

  test('the parts always add up, and each is within one unit of its proportional share', () => {
    const amounts = fc.bigInt({ min: 0n, max: 10n ** 15n });
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(amounts, weights, (amount, shares) => {
        const parts = rupees(amount)
          .allocate(shares)
          .map(({ minor }) => minor);
        const whole = shares.reduce((a, b) => a + b, 0n);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(amount);
        // Compared without division: |part * whole - amount * share| < whole.
        if (whole === 0n) return;
        parts.forEach((part, i) => {
          const off = part * whole - amount * (shares[i] ?? 0n);
          expect(off < whole && off > -whole).toBe(true);
        });
      }),
    );
  });
});

describe('major units of the course service', () => {
  test.each([
    ['INR', 499, 49_900n],
    ['JPY', 499, 499n],
    ['KWD', 499, 499_000n],
    ['USD', 0, 0n],
  ])('%s: %i major units', (currency, major, minor) => {
    expect(fromMajorUnits(major, currency)).toEqual(new Money(minor, currency));
  });

  test.each([
    ['a fraction', 4.99, 'INR'],
    ['a negative price', -1, 'INR'],
    ['no number', Number.NaN, 'INR'],
    ['an unsafe integer', 2 ** 53, 'INR'],
    ['a code that is no currency', 1, 'RUPEES'],
  ])('refuses %s', (_, major, currency) => {
    expect(() => fromMajorUnits(major, currency)).toThrow(RangeError);
  });
});

describe('major units of the session service, as a 32-bit float', () => {
  test.each([
    ['INR', 199, 19_900n],
    ['INR', Math.fround(199.99), 19_999n],
    ['INR', Math.fround(0.1), 10n],
    ['USD', Math.fround(99_999.99), 9_999_999n],
    ['KWD', Math.fround(1.234), 1_234n],
    ['INR', 0, 0n],
  ])('%s: %d', (currency, major, minor) => {
    expect(fromMajorFloat(major, currency)).toEqual(new Money(minor, currency));
  });

  test('every hundredth that the float can tell apart comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 17 * 100 - 1 }), (minor) => {
        expect(fromMajorFloat(Math.fround(minor / 100), 'INR').minor).toBe(BigInt(minor));
      }),
    );
  });

  test.each([
    ['a part of a minor unit', Math.fround(1.005), 'INR'],
    ['a part where there is none', 4.5, 'JPY'],
    ['more than it can tell apart', 2 ** 17 + 0.5, 'INR'],
    ['a negative price', -0.5, 'INR'],
    ['no number', Number.NaN, 'INR'],
    ['a code that is no currency', 0.5, 'RUPEES'],
  ])('refuses %s', (_, major, currency) => {
    expect(() => fromMajorFloat(major, currency)).toThrow(RangeError);
  });
});
