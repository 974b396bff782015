import { describe, expect, test } from '@jest/globals';
import { judgeCart, type CartFacts } from '../../../src/commands/cart.js';
import { InputCheck } from '../../../src/commands/validation.js';
import type { Course } from '../../../src/platform/neighbours.js';
import { idOf } from '../../support/ids.js';

const BUYER = idOf('buyer');
const course = (id: string, changes: Partial<Course> = {}): Course => ({
  id,
  title: id,
  instructorId: idOf('teacher'),
  price: 499,
  discountPrice: undefined,
  currency: 'INR',
  published: true,
  ...changes,
});

/** Judges a cart of courses a, b, c … with these changes. */
function judge(courses: readonly Course[], changes: Partial<CartFacts> = {}, ids = courses.map(({ id }) => id)) {
  const known = new Map(courses.map((one) => [one.id, one]));
  return judgeCart(BUYER, ids, { buyerMayBuy: true, courses: known, enrolledIn: [], ...changes });
}

describe('a cart', () => {
  test('that may be ordered is priced in its own order', () => {
    const items = judge([course('b', { price: 1 }), course('a', { price: 2, discountPrice: 1 })]);
    expect(items).toMatchObject([
      { productId: 'b', price: { minor: 100n } },
      { productId: 'a', listPrice: { minor: 200n }, price: { minor: 100n } },
    ]);
  });

  test.each([
    ['of somebody who may not buy', judge([course('a')], { buyerMayBuy: false }), { code: 'ACCOUNT_BLOCKED' }],
    [
      'with courses that are not for sale: which, and why',
      judge([course('a'), course('b', { published: false })], {}, ['a', 'b', 'c']),
      {
        code: 'COURSE_UNAVAILABLE',
        unavailable: [
          { courseId: 'b', courseReason: 'NOT_PUBLISHED' },
          { courseId: 'c', courseReason: 'NOT_FOUND' },
        ],
      },
    ],
    [
      'with courses whose price is in no currency of ISO 4217',
      judge([course('a', { currency: 'ZZZ' }), course('b', { currency: 'VED' }), course('c', { currency: 'XAU' })]),
      {
        code: 'COURSE_UNAVAILABLE',
        unavailable: [
          { courseId: 'a', courseReason: 'CURRENCY_UNSUPPORTED' },
          { courseId: 'c', courseReason: 'CURRENCY_UNSUPPORTED' },
        ],
      },
    ],
    [
      'with courses that the buyer teaches',
      judge([course('a'), course('b', { instructorId: BUYER })]),
      { code: 'OWN_COURSE', courseIds: ['b'] },
    ],
    [
      'with courses that the buyer has',
      judge([course('a'), course('b')], { enrolledIn: ['a'] }),
      { code: 'ALREADY_ENROLLED', courseIds: ['a'] },
    ],
    [
      'of several currencies',
      judge([course('a', { currency: 'USD' }), course('b'), course('c', { currency: 'EUR' }), course('d')]),
      {
        code: 'MIXED_CURRENCIES',
        message: 'Courses priced in EUR, INR, USD cannot be bought with one order.',
        currencies: [
          { currency: 'EUR', courseIds: ['c'] },
          { currency: 'INR', courseIds: ['b', 'd'] },
          { currency: 'USD', courseIds: ['a'] },
        ],
      },
    ],
  ])('%s is refused', (_, refusal, expected) => {
    expect(refusal).toMatchObject(expected);
  });

  test('a blocked buyer learns nothing about the courses', () => {
    expect(judge([course('a', { published: false })], { buyerMayBuy: false })).toMatchObject({
      code: 'ACCOUNT_BLOCKED',
    });
  });
});

describe('an input', () => {
  test('all that is wrong is answered at once', () => {
    const refusal = new InputCheck()
      .uuid('42', 'orderId')
      .url('javascript:alert(1)', 'successUrl')
      .idempotencyKey('')
      .expect(true, 'fine', 'never said')
      .refusal();
    expect(refusal).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [
        { path: 'orderId', message: 'is not a UUID' },
        { path: 'successUrl', message: 'is not an http address' },
        { path: 'idempotencyKey', message: 'must be 1 to 128 visible characters' },
      ],
    });
  });

  test.each([
    ['absent', null, true],
    ['one character', 'k', true],
    ['128 characters', 'k'.repeat(128), true],
    ['129 characters', 'k'.repeat(129), false],
    ['a blank', 'a key', false],
    ['a line break', 'a\nkey', false],
    ['beyond ASCII', 'schlüssel', false],
  ])('an idempotency key: %s', (_, key, fine) => {
    expect(new InputCheck().idempotencyKey(key).refusal() === undefined).toBe(fine);
  });

  test.each([
    ['absent', null, true],
    ['https', 'https://shop.example/paid?x=1', true],
    ['without a scheme', 'shop.example', false],
    ['another scheme', 'ftp://shop.example', false],
    ['2,000 characters', `https://x/${'a'.repeat(1_990)}`, true],
    ['2,001 characters', `https://x/${'a'.repeat(1_991)}`, false],
  ])('an address: %s', (_, address, fine) => {
    expect(new InputCheck().url(address, 'url').refusal() === undefined).toBe(fine);
  });
});
