import { describe, expect, test } from '@jest/globals';
import { idOf } from '../../support/ids.js';
import { cartOf } from '../../support/order-stand.js';
import { orderOf, placingStand } from './placing-stand.js';

const { newBuyer, place, stand } = placingStand();

describe('refusals leave no row behind', () => {
  const cases: [string, () => Promise<unknown>, object][] = [
    ['an empty cart', () => place(newBuyer(), []), { fields: [{ path: 'courseIds', message: 'is empty' }] }],
    [
      'a cart over the limit',
      () => place(newBuyer(), cartOf(stand(), 'a', 'b', 'c', 'd')),
      { fields: [{ path: 'courseIds', message: 'has more than 3 courses' }] },
    ],
    [
      'a malformed id',
      () => place(newBuyer(), ['42']),
      { fields: [{ path: 'courseIds[0]', message: 'is not a UUID' }] },
    ],
    [
      'a course twice, in another case',
      () => place(newBuyer(), [...cartOf(stand(), 'a'), ...cartOf(stand(), 'a').map((id) => id.toUpperCase())]),
      { fields: [{ path: 'courseIds[1]', message: 'repeats courseIds[0]' }] },
    ],
    [
      'a key that is none',
      () => place(newBuyer(), cartOf(stand(), 'a'), { idempotencyKey: ' ' }),
      { fields: [{ path: 'idempotencyKey' }] },
    ],
    [
      'a coupon without end',
      () => place(newBuyer(), cartOf(stand(), 'a'), { couponCode: 'x'.repeat(65) }),
      { fields: [{ path: 'couponCode' }] },
    ],
    [
      'an unknown coupon',
      () => place(newBuyer(), cartOf(stand(), 'a'), { couponCode: 'SUMMER' }),
      { code: 'COUPON_REJECTED', couponCode: 'SUMMER', couponProblem: 'UNKNOWN' },
    ],
    [
      'an unknown course',
      () => place(newBuyer(), [idOf('no such course')]),
      { unavailable: [{ courseId: idOf('no such course'), courseReason: 'NOT_FOUND' }] },
    ],
    [
      'an unpublished course',
      () => place(newBuyer(), [stand().neighbours.addCourse('draft', { published: false })]),
      { unavailable: [{ courseId: idOf('draft'), courseReason: 'NOT_PUBLISHED' }] },
    ],
    ...['ZZZ', 'XXX', 'HRK'].map((currency): [string, () => Promise<unknown>, object] => [
      `a course in ${currency}`,
      () => place(newBuyer(), [...cartOf(stand(), 'a'), stand().neighbours.addCourse(currency, { currency })]),
      { unavailable: [{ courseId: idOf(currency), courseReason: 'CURRENCY_UNSUPPORTED' }] },
    ]),
    [
      'an own course',
      () => place(idOf('teacher of algebra'), cartOf(stand(), 'algebra')),
      { code: 'OWN_COURSE', courseIds: [idOf('algebra')] },
    ],
    [
      'a course the buyer has',
      () => {
        const buyer = newBuyer();
        stand().neighbours.enrol(idOf('algebra'), buyer);
        return place(buyer, cartOf(stand(), 'geometry', 'algebra'));
      },
      { code: 'ALREADY_ENROLLED', courseIds: [idOf('algebra')] },
    ],
    [
      'several currencies',
      () => place(newBuyer(), [...cartOf(stand(), 'a'), stand().neighbours.addCourse('dollars', { currency: 'USD' })]),
      { code: 'MIXED_CURRENCIES', currencies: [{ currency: 'INR' }, { currency: 'USD' }] },
    ],
    [
      'a blocked buyer',
      () => {
        stand().neighbours.blocked.add(idOf('blocked'));
        return place(idOf('blocked'), cartOf(stand(), 'a'));
      },
      { code: 'ACCOUNT_BLOCKED' },
    ],
    [
      'an unknown buyer',
      () => {
        stand().neighbours.unknownUsers.add(idOf('ghost'));
        return place(idOf('ghost'), cartOf(stand(), 'a'));
      },
      { code: 'ACCOUNT_BLOCKED' },
    ],
    ...(['user', 'course'] as const).map((service): [string, () => Promise<unknown>, object] => [
      `a ${service} service that does not answer`,
      async () => {
        stand().neighbours.down.add(service);
        const outcome = await place(newBuyer(), cartOf(stand(), 'a'), { idempotencyKey: 'k' });
        stand().neighbours.down.delete(service);
        return outcome;
      },
      { code: 'SERVICE_UNAVAILABLE', service, retryAfterSeconds: 5 },
    ]),
  ];

  test.each(cases)('%s', async (_, attempt, expected) => {
    const before = await stand().counts();
    expect(await attempt()).toMatchObject(expected);
    expect(await stand().counts()).toEqual(before);
    expect(stand().commits).toEqual([]);
  });

  test('and a refused key may be used again', async () => {
    const buyer = newBuyer();
    stand().neighbours.down.add('user');
    await place(buyer, cartOf(stand(), 'algebra'), { idempotencyKey: 'again' });
    stand().neighbours.down.delete('user');
    expect(await place(buyer, cartOf(stand(), 'algebra'), { idempotencyKey: 'again' })).toMatchObject({
      replayed: false,
    });
  });

  test('a database that is away: the order service is unavailable, and nothing of it comes later', async () => {
    const buyer = newBuyer();
    stand().proxy.stop();
    expect(await place(buyer, cartOf(stand(), 'algebra'))).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      service: 'order',
    });
    stand().proxy.resume();
    expect(await stand().sql('select 1 from orders where buyer_id = $1', [buyer])).toEqual([]);
    orderOf(await place(buyer, cartOf(stand(), 'algebra')));
  });
});
