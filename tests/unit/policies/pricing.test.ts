import { describe, expect, test } from '@jest/globals';
import { priceCourse, type CourseOffer } from '../../../src/policies/pricing.js';
import { couponProblem } from '../../../src/policies/coupons.js';
import { loadConfig } from '../../../src/config.js';
import { paymentTimes, policiesOf } from '../../../src/policies/policies.js';

const offer = (changes: Partial<CourseOffer>): CourseOffer => ({
  id: 'course',
  title: 'Algebra',
  instructorId: 'teacher',
  price: 999,
  discountPrice: undefined,
  currency: 'INR',
  ...changes,
});

describe('the price of a course', () => {
  test.each([
    ['no discount price: the list price', undefined, 99_900n],
    ['a discount price below the list price', 499, 49_900n],
    ['a discount price of zero: the list price', 0, 99_900n],
    ['the smallest discount price', 1, 100n],
    ['a discount price equal to the list price', 999, 99_900n],
    ['a discount price above the list price does not count', 1_200, 99_900n],
  ])('%s', (_, discountPrice, price) => {
    const item = priceCourse(offer({ discountPrice }));
    expect({ list: item.listPrice.minor, price: item.price.minor }).toEqual({ list: 99_900n, price });
  });

  test.each([undefined, 0, 5])('is zero only where the list price is, with a discount price of %j', (discountPrice) => {
    expect(priceCourse(offer({ price: 0, discountPrice })).price.minor).toBe(0n);
  });

  test('says what is bought in the currency of the course', () => {
    expect(priceCourse(offer({ currency: 'JPY' }))).toEqual({
      kind: 'COURSE',
      productId: 'course',
      title: 'Algebra',
      instructorId: 'teacher',
      listPrice: { minor: 999n, currency: 'JPY' },
      price: { minor: 999n, currency: 'JPY' },
    });
  });

  test.each([
    ['a negative price', { price: -1 }],
    ['a fraction', { price: 9.99 }],
    ['a negative discount price', { discountPrice: -5 }],
    ['a currency that is none', { currency: '' }],
  ])('refuses %s', (_, changes) => {
    expect(() => priceCourse(offer(changes))).toThrow(RangeError);
  });
});

test('the platform knows no coupons: absent is fine, any code is unknown', () => {
  expect([couponProblem(null), couponProblem('SUMMER')]).toEqual([null, 'UNKNOWN']);
});

test('policies are the settings in ms', () => {
  const policies = policiesOf(loadConfig({ FULFILMENT_RETRY_MINUTES: '0.5,2' }));
  expect(policies).toMatchObject({
    cartLimit: 50,
    payableMs: 1_800_000,
    paymentLifeMs: 600_000,
    paymentGraceMs: 120_000,
    refundWindowMs: 1_209_600_000,
    fulfilmentRetriesMs: [30_000, 120_000],
  });
  expect(paymentTimes(policies)).toEqual({ lifeMs: 600_000, graceMs: 120_000 });
});
