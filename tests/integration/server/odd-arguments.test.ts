import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { idOf } from '../../support/ids.js';
import { startServer, type GraphAnswer, type ServerStand } from './server-stand.js';

let stand: ServerStand;
let asha: string;
let admin: string;
const lines: string[] = [];

beforeAll(async () => {
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  stand = await startServer({ RATE_LIMIT: 'off' }, log);
  [asha, admin] = [await stand.tokenOf(idOf('asha')), await stand.tokenOf(idOf('admin'), ['admin'])];
}, 60_000);
afterAll(() => stand.stop(), 30_000);

const codesOf = ({ errors }: GraphAnswer) => errors?.map(({ extensions }) => extensions['code']);

/** Asks over both doors, and wants the same from both. */
async function ask(query: string, variables: object, token?: string): Promise<GraphAnswer> {
  const [http, webSocket] = stand.doors;
  const answer = await http.ask(query, variables, token);
  expect(await webSocket.ask(query, variables, token)).toEqual(answer);
  return answer;
}

const LISTS: readonly [name: string, query: string][] = [
  ['myOrders', 'query ($at: DateTime) { myOrders(filter: { placedFrom: $at }) { nodes { id } } }'],
  ['its count', 'query ($at: DateTime) { myOrders(filter: { placedFrom: $at }) { totalCount } }'],
  ['orders', 'query ($at: DateTime) { orders(filter: { placedFrom: $at }) { totalCount nodes { id } } }'],
];

describe.each(LISTS)('given a list by time: %s', (_name, query) => {
  const upTo = query.replace('placedFrom', 'placedTo');

  test.each([
    '0000-01-01T00:00:00Z',
    '0000-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-12:00',
  ])('then %s is BAD_USER_INPUT that names the argument', async (at) => {
    for (const [text, argument] of [
      [query, 'placedFrom'],
      [upTo, 'placedTo'],
    ] as const) {
      const answer = await ask(text, { at }, admin);
      expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors?.[0]?.message).toContain(`filter.${argument}`);
    }
  });

  test.each(['0001-01-01T00:00:00Z', '1969-12-31T00:00:00Z', '9999-12-31T23:59:59.999Z'])(
    'then %s has an answer',
    async (at) => {
      for (const text of [query, upTo]) expect((await ask(text, { at }, admin)).errors).toBeUndefined();
    },
  );

  test.each(['+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '', 'soon', 5, {}, []])(
    'then %j is BAD_USER_INPUT',
    async (at) => {
      expect(codesOf(await ask(query, { at }, admin))).toEqual(['BAD_USER_INPUT']);
    },
  );
});

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const ID = '01a22443-ec04-73a4-9cf5-f1774e5b188f';
const nestedCursor = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth)).toString('base64url');

describe.each([
  ['myOrders', 'query ($after: String) { myOrders(after: $after) { nodes { id } } }'],
  ['mySessionBookings', 'query ($after: String) { mySessionBookings(after: $after) { nodes { id } } }'],
  ['orders', 'query ($after: String) { orders(after: $after) { nodes { id } } }'],
  ['refunds', 'query ($after: String) { refunds(after: $after) { nodes { id } } }'],
  ['stuckSagas', 'query ($after: String) { stuckSagas(after: $after) { nodes { id } } }'],
])('given the cursor of %s', (_name, query) => {
  test.each([
    ['empty', ''],
    ['no JSON', 'bm9wZQ'],
    ['a time before all times', cursor('0000-01-01T00:00:00.000Z', ID, 'x')],
    ['a time after all times', cursor('+275760-09-13T00:00:00.000Z', ID, 'x')],
    ['a time far before all times', cursor('-271821-04-20T00:00:00.000Z', ID, 'x')],
    ['a number', cursor(8.64e15, ID, 'x')],
    ['a list for a time', cursor([[[]]], ID, 'x')],
    ['an object for an id', cursor('2026-01-01T00:00:00.000Z', {}, 'x')],
    ['of another list', cursor('2026-01-01T00:00:00.000Z', ID, 'x')],
    ['1,000 nested brackets', nestedCursor(1_000)],
    ['20,000 nested brackets', nestedCursor(20_000)],
    [
      'a list in a list in a list',
      Buffer.from(`[${'['.repeat(20_000)}${']'.repeat(20_000)},"${ID}","x"]`).toString('base64url'),
    ],
    ['not text', '\ud800'],
  ])('that is %s, then it is BAD_USER_INPUT', async (_what, after) => {
    lines.length = 0;
    expect(codesOf(await ask(query, { after }, admin))).toEqual(['BAD_USER_INPUT']);
    expect(lines).toEqual([]);
  });
});

describe.each(['myOrdersChanged', 'mySessionBookingsChanged'])('given the cursor of the stream %s', (field) => {
  test.each(['', 'x', '0000-01-01T00:00:00.000Z', '+275760-09-13T00:00:00.000Z', '2026-01-01', 'no time'])(
    'of %j, then it is BAD_USER_INPUT',
    async (text) => {
      const after = Buffer.from(text).toString('base64url');
      const query = `subscription ($after: String) { ${field}(after: $after) { cursor } }`;
      expect(codesOf(await stand.doors[1].ask(query, { after }, asha))).toEqual(['BAD_USER_INPUT']);
    },
  );
});

describe.each(['User', 'Course', 'Session', 'Order', 'SessionBooking'])('given references to a %s', (type) => {
  const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${type} { id } } }`;
  const known = { __typename: 'User', id: idOf('asha') };

  test.each([
    ['missing', {}],
    ['null', { id: null }],
    ['a number', { id: 5 }],
    ['an object', { id: { id: 'x' } }],
    ['a list', { id: [ID] }],
    ['true', { id: true }],
  ])('whose id is %s, then that one is BAD_USER_INPUT, and the others are answered', async (_name, id) => {
    lines.length = 0;
    const answer = await ask(ENTITIES, { of: [known, { __typename: type, ...id }, known] }, asha);
    expect(answer.data._entities.map((one: unknown) => one !== null)).toEqual([true, false, true]);
    expect(answer.errors).toMatchObject([
      {
        message: `A representation of ${type} needs an id that is a string.`,
        path: ['_entities', 1],
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ]);
    expect(lines).toEqual([]);
  });

  test.each(['', 'x', '\u0000', '\ud800', 'x'.repeat(5_000)])('whose id is %.10j, then nothing fails', async (id) => {
    lines.length = 0;
    await ask(ENTITIES, { of: [{ __typename: type, id }] }, asha);
    expect(lines).toEqual([]);
  });
});

describe('given revenue in a currency', () => {
  test.each(['INR', 'inr', 'Inr'])('written %s, then it is of INR', async (currency) => {
    const query = 'query ($currency: Currency) { revenue(year: 2026, currency: $currency) { net { currency } } }';
    const { data } = await ask(query, { currency }, admin);
    expect(data.revenue).toEqual(Array.from({ length: 12 }, () => ({ net: { currency: 'INR' } })));
  });

  test.each(['XYZ1', '', 'rupees', 5])('%j, then it is BAD_USER_INPUT', async (currency) => {
    const query = 'query ($currency: Currency) { revenue(year: 2026, currency: $currency) { month } }';
    expect(codesOf(await ask(query, { currency }, admin))).toEqual(['BAD_USER_INPUT']);
  });
});

const REFUSED = '__typename ... on InvalidInput { fields { path } }';
const ORDER = `orderId: "${ID}"`;

describe.each([
  ['note', `mutation ($text: String!) { it: cancelOrder(input: { ${ORDER}, note: $text }) { ${REFUSED} } }`],
  ['note', `mutation ($text: String!) { it: requestRefund(input: { ${ORDER}, note: $text }) { ${REFUSED} } }`],
  ['note', `mutation ($text: String!) { it: approveRefund(input: { refundId: "${ID}", note: $text }) { ${REFUSED} } }`],
  ['note', `mutation ($text: String!) { it: rejectRefund(input: { refundId: "${ID}", note: $text }) { ${REFUSED} } }`],
  [
    'note',
    `mutation ($text: String!) { it: cancelSessionBooking(input: { bookingId: "${ID}", note: $text }) { ${REFUSED} } }`,
  ],
  [
    'reference',
    `mutation ($text: String!) { it: settleRefund(input: { refundId: "${ID}", succeeded: true, reference: $text }) { ${REFUSED} } }`,
  ],
  [
    'successUrl',
    `mutation ($text: String!) { it: startPayment(input: { ${ORDER}, provider: STRIPE, successUrl: $text }) { ${REFUSED} } }`,
  ],
  [
    'cancelUrl',
    `mutation ($text: String!) { it: startPayment(input: { ${ORDER}, provider: STRIPE, cancelUrl: $text }) { ${REFUSED} } }`,
  ],
  [
    'couponCode',
    `mutation ($text: String!) { it: restoreOrder(input: { ${ORDER}, couponCode: $text }) { ${REFUSED} } }`,
  ],
  [
    'couponCode',
    `mutation ($text: String!) { it: placeOrder(input: { courseIds: ["${ID}"], couponCode: $text }) { ${REFUSED} } }`,
  ],
  [
    'idempotencyKey',
    `mutation ($text: String!) { it: placeOrder(input: { courseIds: ["${ID}"], idempotencyKey: $text }) { ${REFUSED} } }`,
  ],
  ['paymentId', `mutation ($text: ID!) { it: cancelPayment(input: { ${ORDER}, paymentId: $text }) { ${REFUSED} } }`],
  ['paymentId', `mutation ($text: ID!) { it: confirmPayment(input: { ${ORDER}, paymentId: $text }) { ${REFUSED} } }`],
  [
    'razorpay.signature',
    `mutation ($text: String!) { it: confirmPayment(input: { ${ORDER}, paymentId: "x", razorpay: { paymentId: "x", signature: $text } }) { ${REFUSED} } }`,
  ],
])('given a %s: %s', (path, query) => {
  test.each(['\u0000', 'a\u0000b', '\ud800', 'x\udc00'])(
    'of %j, then it is InvalidInput of that field',
    async (text) => {
      lines.length = 0;
      const value = path.endsWith('Url') ? `https://shop.test/${text}` : text;
      const answer = await ask(query, { text: value }, admin);
      expect(answer).toEqual({ data: { it: { __typename: 'InvalidInput', fields: [{ path }] } } });
      expect(lines).toEqual([]);
    },
  );
});
