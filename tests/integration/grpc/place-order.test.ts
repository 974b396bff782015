import { describe, expect, test } from '@jest/globals';
import { idOf } from '../../support/ids.js';
import { orderIn, refusal } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const at = grpcStand();
const { call, nextBuyer, place } = at;
const orders = async (buyer: string) =>
  (await at.stand.sql('select id from orders where buyer_id = $1', [buyer])).map(({ id }) => id);

describe('PlaceOrder', () => {
  test('answers the order: minor units, lower-case words, UUIDs, no payment yet', async () => {
    const buyer = nextBuyer();
    const order = orderIn(await place(buyer, ['algebra', 'geometry']));
    const [id] = await orders(buyer);
    expect(order).toEqual({
      id,
      user_id: buyer,
      amount: { total: 99_800, currency: 'INR', sub_total: 99_800, sales_tax: 0, _sales_tax: 'sales_tax' },
      status: 'pending_payment',
      created_at: expect.stringMatching(/^2026-03-01T10:\d\d:\d\d\.\d{6}\+00:00$/),
      updated_at: expect.stringMatching(/\+00:00$/),
      items: [
        { course_id: idOf('algebra'), price: 49_900 },
        { course_id: idOf('geometry'), price: 49_900 },
      ],
    });
  });

  test('the same idempotency key: one order; another request under it is refused', async () => {
    const buyer = nextBuyer();
    const key = { 'idempotency-key': 'http retry 1'.replaceAll(' ', '-') };
    const [first, second] = [await place(buyer, ['algebra'], key), await place(buyer, ['algebra'], key)];
    expect(orderIn(second).id).toBe(orderIn(first).id);
    expect(refusal(await place(buyer, ['geometry'], key))).toEqual({
      status: 'ALREADY_EXISTS',
      error_code: 'ALREADY_EXISTS',
      reason: 'IDEMPOTENCY_CONFLICT',
    });
    expect(await orders(buyer)).toHaveLength(1);
  });

  test('a new key for every try, as the web client makes them: the open order of the same courses answers', async () => {
    const buyer = nextBuyer();
    const first = orderIn(await place(buyer, ['algebra', 'geometry'], { 'idempotency-key': 'try-1' }));
    const again = orderIn(await place(buyer, ['geometry', 'algebra'], { 'idempotency-key': 'try-2' }));
    expect(again.id).toBe(first.id);
    await at.stand.sql(`update orders set status = 'SUCCEEDED' where id = $1`, [first.id]);
    expect(orderIn(await place(buyer, ['geometry', 'algebra'], { 'idempotency-key': 'try-2' })).id).toBe(first.id);
    expect(await orders(buyer)).toHaveLength(1);
  });

  test('at 20 callers at once with keys of their own: one order answers all', async () => {
    const buyer = nextBuyer();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => place(buyer, ['algebra'], { 'idempotency-key': `at-once-${i}` })),
    );
    expect(new Set(all.map((one) => orderIn(one).id)).size).toBe(1);
    expect(await orders(buyer)).toHaveLength(1);
  });

  test.each([
    ['other courses', ['algebra', 'geometry'], undefined],
    ['another price', ['algebra'], 10],
  ] as const)('an open order of %s is no answer: 409', async (_, courses, discountPrice) => {
    const buyer = nextBuyer();
    await place(buyer, ['algebra']);
    if (discountPrice) at.stand.neighbours.addCourse('algebra', { discountPrice });
    expect(refusal(await place(buyer, courses))).toMatchObject({
      status: 'ALREADY_EXISTS',
      reason: 'OPEN_ORDER_EXISTS',
    });
    at.stand.neighbours.addCourse('algebra');
  });

  test.each([
    ['no courses', [], 'INVALID_ARGUMENT', 'INVALID_INPUT', /courseIds: is empty/],
    ['a blank course id', [' '], 'INVALID_ARGUMENT', 'INVALID_INPUT', /courseIds\[0\]: is not a UUID/],
    ['a course twice', [idOf('algebra'), idOf('algebra')], 'INVALID_ARGUMENT', 'INVALID_INPUT', /repeats/],
    [
      '51 courses',
      Array.from({ length: 51 }, (_, i) => idOf(`many ${i}`)),
      'INVALID_ARGUMENT',
      'INVALID_INPUT',
      /more than 50/,
    ],
    ['an unknown course', [idOf('nowhere')], 'NOT_FOUND', 'COURSE_UNAVAILABLE', /not for sale/],
  ])('%s: nothing is placed', async (_, course_ids, status, reason, detail) => {
    const buyer = nextBuyer();
    at.stand.neighbours.addCourse('algebra');
    const outcome = await call('PlaceOrder', { user_id: buyer, course_ids });
    expect(outcome).toMatchObject({ status, error_code: status, reason });
    expect(outcome.detail).toMatch(detail);
    expect(await orders(buyer)).toEqual([]);
  });

  test('what the neighbours say decides: own, owned, unpublished courses, blocked buyers', async () => {
    const { neighbours } = at.stand;
    const buyer = nextBuyer();
    neighbours.addCourse('unpublished', { published: false });
    neighbours.addCourse('own', { instructorId: buyer });
    neighbours.addCourse('owned');
    neighbours.enrol(idOf('owned'), buyer);
    const statusOf = async (course: string) => refusal(await place(buyer, [course]));
    expect(await statusOf('owned')).toMatchObject({ status: 'ALREADY_EXISTS', reason: 'ALREADY_ENROLLED' });
    expect(await statusOf('unpublished')).toMatchObject({
      status: 'FAILED_PRECONDITION',
      reason: 'COURSE_UNAVAILABLE',
    });
    expect(await statusOf('own')).toMatchObject({ status: 'FAILED_PRECONDITION', reason: 'OWN_COURSE' });
    neighbours.blocked.add(buyer);
    expect(await statusOf('algebra')).toMatchObject({ status: 'PERMISSION_DENIED', reason: 'ACCOUNT_BLOCKED' });
    expect(await orders(buyer)).toEqual([]);
  });

  test('a coupon is refused, not ignored; none, or an empty one, is no coupon', async () => {
    const buyer = nextBuyer();
    const course_ids = [at.stand.neighbours.addCourse('algebra')];
    const refused = await call('PlaceOrder', { user_id: buyer, course_ids, coupon_code: 'HALF' });
    expect(refusal(refused)).toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'COUPON_REJECTED' });
    expect(orderIn(await call('PlaceOrder', { user_id: buyer, course_ids, coupon_code: '' })).status).toBe(
      'pending_payment',
    );
  });

  test.each(['user', 'course'] as const)('the %s service is down: 503 and when to try again', async (service) => {
    const buyer = nextBuyer();
    at.stand.neighbours.down.add(service);
    const outcome = await place(buyer, ['algebra']);
    expect(refusal(outcome)).toEqual({
      status: 'UNAVAILABLE',
      error_code: 'UNAVAILABLE',
      reason: 'SERVICE_UNAVAILABLE',
    });
    expect(outcome.trailer.get('retry-after-seconds')).toEqual(['5']);
    expect(await orders(buyer)).toEqual([]);
  });

  test('a free order is complete without a payment', async () => {
    at.stand.neighbours.addCourse('gift', { price: 0 });
    expect(orderIn(await place(nextBuyer(), ['gift']))).toMatchObject({
      status: 'succeeded',
      items: [{ course_id: idOf('gift') }],
    });
  });
});
