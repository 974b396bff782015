import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signToken } from '../../dev/sample/sign-token.js';
import { noRows, type NoRows } from './support/no-rows.js';
import { startProduct, type Product } from './support/product.js';
import { connectGraph, type Graph } from './support/graph.js';
import { FOLLOW, people, placeAndStart, SHOW, START, untilOrder } from './support/purchase-steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const POSTGRES = '90c192cf-d3ac-44af-8f21-ddb66cad4a26';
const TYPESCRIPT = 'a170b338-3926-4059-b28c-105d1fb17c23';
const DOLLARS = '6b4cb242-4a23-4596-a217-beaddbc496cb';
const UNPUBLISHED = '92276658-1e27-41c0-8a6a-63ec24ede6a4';
const UNKNOWN = '7b1fb9fb-0a3c-4b7a-9a37-6f0c64d3d6aa';

let product: Product;
let asha: Graph;
let ben: Graph;
let rowCounts: NoRows['rowCounts'];
let refused: NoRows['refused'];

beforeAll(async () => {
  product = await startProduct();
  ({ rowCounts, refused } = noRows(product));
  [asha, ben] = [await product.as(people.asha), await product.as(people.ben)];
}, 60_000);
afterAll(() => product.stop(), 30_000);

describe('given input that breaks a rule, placeOrder names the field and leaves no row', () => {
  it.each([
    ['an empty cart', { courseIds: [] }, [{ path: 'courseIds', message: 'is empty' }]],
    ['a malformed id', { courseIds: [FEDERATION, 'x'] }, [{ path: 'courseIds[1]', message: 'is not a UUID' }]],
    [
      'a repeated course',
      { courseIds: [FEDERATION, FEDERATION.toUpperCase()] },
      [{ path: 'courseIds[1]', message: 'repeats courseIds[0]' }],
    ],
    [
      'an empty key',
      { courseIds: [FEDERATION], idempotencyKey: '' },
      [{ path: 'idempotencyKey', message: 'must be 1 to 128 visible characters' }],
    ],
    [
      'an empty coupon',
      { courseIds: [FEDERATION], couponCode: '' },
      [{ path: 'couponCode', message: 'must be 1 to 64 characters' }],
    ],
    [
      'a coupon that is not text',
      { courseIds: [FEDERATION], couponCode: 'A\u0000' },
      [{ path: 'couponCode', message: 'has characters that are not valid text' }],
    ],
  ])('%s', async (_name, input, fields) => {
    expect(await refused(asha, input)).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT', fields });
  });

  it('a cart above the limit of 50', async () => {
    const courseIds = Array.from({ length: 51 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
    const fields = [{ path: 'courseIds', message: 'has more than 50 courses' }];
    expect(await refused(asha, { courseIds })).toMatchObject({ __typename: 'InvalidInput', fields });
  });
});

describe('given courses that cannot be ordered, placeOrder says which and why', () => {
  it.each([
    ['unknown', [UNKNOWN], { unavailable: [{ courseId: UNKNOWN, courseReason: 'NOT_FOUND' }] }],
    [
      'unpublished',
      [FEDERATION, UNPUBLISHED],
      { unavailable: [{ courseId: UNPUBLISHED, courseReason: 'NOT_PUBLISHED' }] },
    ],
  ])('%s', async (_name, courseIds, expected) => {
    expect(await refused(asha, { courseIds })).toMatchObject({ __typename: 'CourseUnavailable', ...expected });
  });

  it('taught by the buyer', async () => {
    const ines = await product.as(people.ines, { roles: ['instructor'] });
    expect(await refused(ines, { courseIds: [FEDERATION] })).toMatchObject({
      __typename: 'OwnCourse',
      courseIds: [FEDERATION],
    });
  });

  it('in an open order of the buyer, then bought', async () => {
    const { orderId, session } = await placeAndStart(asha, [TYPESCRIPT]);
    expect(await refused(asha, { courseIds: [POSTGRES, TYPESCRIPT] })).toMatchObject({
      __typename: 'OpenOrderExists',
      courseIds: [TYPESCRIPT],
      orders: [{ id: orderId }],
    });
    await product.press('approve', session);
    await untilOrder(asha, orderId, 'SUCCEEDED', 'FULFILLED');
    expect(await refused(asha, { courseIds: [TYPESCRIPT] })).toMatchObject({
      __typename: 'AlreadyEnrolled',
      courseIds: [TYPESCRIPT],
      courses: [{ title: 'TypeScript Beyond the Basics' }],
    });
  });

  it('in several currencies, with the courses of each', async () => {
    expect(await refused(asha, { courseIds: [FEDERATION, DOLLARS] })).toMatchObject({
      __typename: 'MixedCurrencies',
      code: 'MIXED_CURRENCIES',
      currencies: [
        { currency: 'INR', courseIds: [FEDERATION] },
        { currency: 'USD', courseIds: [DOLLARS] },
      ],
    });
  });

  it('with an unknown coupon', async () => {
    expect(await refused(asha, { courseIds: [FEDERATION], couponCode: 'FREE' })).toMatchObject({
      __typename: 'CouponRejected',
      couponCode: 'FREE',
      couponProblem: 'UNKNOWN',
    });
  });
});

describe('given somebody who may not buy', () => {
  it.each([
    ['blocked', people.blocked],
    ['unknown', people.nobody],
  ])('a %s user gets AccountBlocked', async (_name, userId) => {
    expect(await refused(await product.as(userId), { courseIds: [FEDERATION] })).toMatchObject({
      __typename: 'AccountBlocked',
    });
  });

  it.each([
    ['without a token', undefined],
    ['with an expired token', { ttlSeconds: -60 }],
    ['with a token of another secret', { secret: 'another-secret-that-nobody-knows' }],
  ])('%s the answer is UNAUTHENTICATED', async (_name, options) => {
    const token =
      options &&
      (await signToken({
        userId: people.asha,
        roles: ['student'],
        ttlSeconds: 60,
        secret: 'x'.repeat(16),
        ...options,
      }));
    const graph = connectGraph(product.laptop.gatewayUrl, token);
    expect(await refused(graph, { courseIds: [FEDERATION] })).toMatchObject([
      { extensions: { code: 'UNAUTHENTICATED' } },
    ]);
    await graph.close();
  });

  it('without a token viewer fields are null, with a bad one they are an error', async () => {
    const query = `{ course(id: "${FEDERATION}") { title viewerHasPurchased viewerOrder { id } } }`;
    expect(await product.anonymous().ask(query)).toEqual({
      data: { course: { title: 'GraphQL Federation from Zero', viewerHasPurchased: null, viewerOrder: null } },
    });
    const answer = await (await product.as(people.asha, { ttlSeconds: -1 })).ask(query);
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(answer.data.course.title).toBe('GraphQL Federation from Zero');
  });
});

describe('given another user’s order', () => {
  it('then it can be neither seen nor paid, by id, list or stream, except by an operator who sees it', async () => {
    const { orderId } = await placeAndStart(asha, [POSTGRES]);
    const before = await rowCounts();
    expect((await ben.ask(START, { input: { orderId, provider: 'STRIPE' } })).data.startPayment).toMatchObject({
      __typename: 'NotFound',
    });
    const orders = await ben.ask(`{ order(id: "${orderId}") { id } user: me { id } myOrders { nodes { id } } }`);
    expect(orders.data).toMatchObject({ order: null, myOrders: { nodes: [] } });
    const stream = ben.follow(FOLLOW, { id: orderId });
    await stream.ended;
    expect(stream.answers[0]?.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const admin = await product.as(people.admin, { roles: ['admin'] });
    expect((await admin.ask(SHOW, { id: orderId })).data.order).toMatchObject({ id: orderId, buyerId: people.asha });
    expect((await admin.ask(START, { input: { orderId, provider: 'STRIPE' } })).data.startPayment).toMatchObject({
      __typename: 'ActionNotAllowed',
      reason: 'NOT_OWNER',
    });
    expect(await rowCounts()).toEqual(before);
  });

  it.each([
    [
      'order',
      '{ order(id: "x") { id } orderByNumber(number: "EL-22222222A") { id } }',
      { order: null, orderByNumber: null },
    ],
  ])('a malformed or missing %s is null', async (_name, query, data) =>
    expect(await asha.ask(query)).toEqual({ data }),
  );

  it.each([
    ['a page of 0', '{ myOrders(first: 0) { nodes { id } } }'],
    ['a page of 101', '{ myOrders(first: 101) { nodes { id } } }'],
    ['a broken cursor', '{ myOrders(after: "bm9wZQ") { nodes { id } } }'],
  ])('%s is BAD_USER_INPUT', async (_name, query) => {
    expect((await asha.ask(query)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('given an operator’s filter that names nobody or nothing', () => {
  it.each(['', 'x'])(
    'then %j as a user is BAD_USER_INPUT, never everybody, and as a course has no orders',
    async (id) => {
      expect(await product.sql('select 1 from orders limit 1')).toHaveLength(1);
      const admin = await product.as(people.admin, { roles: ['admin'] });
      const ofUser = await admin.ask(`{ orders(filter: { userId: "${id}" }) { totalCount nodes { id } } }`);
      expect(ofUser).toMatchObject({ data: { orders: null }, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      const ofCourse = await admin.ask(`{ orders(filter: { courseId: "${id}" }) { totalCount nodes { id } } }`);
      expect(ofCourse.data).toEqual({ orders: { totalCount: 0, nodes: [] } });
    },
  );
});
