import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPostgresBus } from '../../src/messaging/bus/postgres-bus.js';
import { Topic } from '../../src/messaging/topics.js';
import { eventually } from '../support/eventually.js';
import { testLog } from '../support/log.js';
import { startProduct, type Product } from './support/product.js';
import type { Graph } from './support/graph.js';
import { people, PLACE, untilOrder } from './support/purchase-steps.js';

const COURSES = ['8d116ece-1738-47d9-bd9c-172411e20b8f', '90c192cf-d3ac-44af-8f21-ddb66cad4a26'];
const LIST = `query ($status: [SuspiciousPaymentStatus!]) { suspiciousPayments(status: $status) { totalCount nodes {
  id paymentId provider claimedUserId claimedAmount claimedCurrency reasons status note decidedById order { id status } } } }`;
const REVIEW = (name: string) => `mutation ($input: ReviewPaymentInput!) { ${name}(input: $input) { __typename
  ... on ReviewPaymentSuccess { order { id status } suspiciousPayment { status note decidedById } }
  ... on ActionNotAllowed { reason } ... on UserError { code } } }`;

let product: Product;
let buyer: Graph;
let operator: Graph;

beforeAll(async () => {
  product = await startProduct();
  [buyer, operator] = await Promise.all([product.as(people.asha), product.as(people.admin, { roles: ['admin'] })]);
}, 60_000);
afterAll(() => product.stop(), 30_000);

/** Publishes a capture that nobody made, as somebody with access to the bus could. */
async function publishInvented(orderId: string, payload: object): Promise<void> {
  const pool = new pg.Pool({ connectionString: product.laptop.config.DATABASE_URL });
  const bus = createPostgresBus({ pool, partitions: 3, log: testLog() });
  const value = JSON.stringify({
    eventId: `invented for ${orderId}`,
    timestamp: Date.now(),
    payload: { orderId, paymentId: `invented for ${orderId}`, ...payload },
  });
  await bus.publisher().send([{ topic: Topic.PAYMENT_SUCCEEDED, key: 'anybody', value }], 10_000);
  await bus.close();
  await pool.end();
}

const open = async () => (await operator.ask(LIST, { status: ['OPEN'] })).data.suspiciousPayments;

describe('given a capture with an invented payment, one paisa, another currency and another user', () => {
  let orderId: string;
  let id: string;
  beforeAll(async () => {
    const { data } = await buyer.ask(PLACE, { input: { courseIds: [COURSES[0]] } });
    orderId = data.placeOrder.order.id;
    await publishInvented(orderId, { amount: 1, currency: 'IDR', userId: people.ben });
    const listed = await eventually(open, ({ nodes }) => nodes.length > 0, { limitMs: 20_000 });
    id = listed.nodes[0].id;
    expect(listed).toEqual({
      totalCount: 1,
      nodes: [
        {
          id: expect.any(String),
          paymentId: `invented for ${orderId}`,
          provider: null,
          claimedUserId: people.ben,
          claimedAmount: 1,
          claimedCurrency: 'IDR',
          reasons: ['ANOTHER_BUYER', 'ANOTHER_CURRENCY', 'AMOUNT_TOO_LOW', 'UNKNOWN_PAYMENT'],
          status: 'OPEN',
          note: null,
          decidedById: null,
          order: { id: orderId, status: 'PENDING_PAYMENT' },
        },
      ],
    });
  }, 30_000);

  it('when its buyer asks for it, then the list is not shown to them', async () => {
    const { errors } = await buyer.ask(LIST, {});
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['FORBIDDEN']);
  });

  it('when an operator rejects it with a reason, then the order can still be paid', async () => {
    const input = { suspiciousPaymentId: id, note: 'No such payment at Stripe.' };
    const { data } = await operator.ask(REVIEW('rejectSuspiciousPayment'), { input });
    expect(data.rejectSuspiciousPayment).toEqual({
      __typename: 'ReviewPaymentSuccess',
      order: { id: orderId, status: 'PENDING_PAYMENT' },
      suspiciousPayment: { status: 'REJECTED', note: input.note, decidedById: people.admin },
    });
    expect(await open()).toEqual({ totalCount: 0, nodes: [] });
    const accepted = await operator.ask(REVIEW('acceptSuspiciousPayment'), { input });
    expect(accepted.data.acceptSuspiciousPayment).toEqual({
      __typename: 'ActionNotAllowed',
      reason: 'WRONG_STATUS',
      code: 'ACTION_NOT_ALLOWED',
    });
  });
});

it('given a capture that only the payment service does not know, when an operator accepts it, then the course is delivered', async () => {
  const { data } = await buyer.ask(PLACE, { input: { courseIds: [COURSES[1]] } });
  const orderId = data.placeOrder.order.id;
  await publishInvented(orderId, {});
  const [{ id, reasons }] = (await eventually(open, ({ nodes }) => nodes.length > 0, { limitMs: 20_000 })).nodes;
  expect(reasons).toEqual(['UNKNOWN_PAYMENT']);
  const input = { suspiciousPaymentId: id, note: 'Paid by bank transfer.' };
  await operator.ask(REVIEW('acceptSuspiciousPayment'), { input });
  expect(await untilOrder(buyer, orderId, 'SUCCEEDED', 'FULFILLED')).toMatchObject({ captured: { amount: 149_900 } });
}, 60_000);
