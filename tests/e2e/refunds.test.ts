import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startProduct, type Product } from './support/product.js';
import type { Graph } from './support/graph.js';
import { people, placeAndStart, SHOW, untilOrder } from './support/purchase-steps.js';

const FEDERATION = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const POSTGRES = '90c192cf-d3ac-44af-8f21-ddb66cad4a26';
const BOTH = 199_800;

const REFUND = `id status reason amount { amount } reference items { productId }`;
const REQUEST = `mutation ($input: RequestRefundInput!) { requestRefund(input: $input) { __typename
  ... on RequestRefundSuccess { replayed refund { ${REFUND} } } ... on ActionNotAllowed { reason }
  ... on InvalidInput { fields { path } } ... on UserError { code } } }`;
const DECIDE = (name: string) => `mutation ($input: DecideRefundInput!) { ${name}(input: $input) { __typename
  ... on DecideRefundSuccess { refund { ${REFUND} } } ... on ActionNotAllowed { reason } ... on UserError { code } } }`;
const SETTLE = `mutation ($input: SettleRefundInput!) { settleRefund(input: $input) { __typename
  ... on SettleRefundSuccess { refund { ${REFUND} } order { status } } ... on ActionNotAllowed { reason } ... on UserError { code } } }`;
const RETRY = `mutation ($input: RetrySagaInput!) { retrySaga(input: $input) { __typename
  ... on RetrySagaSuccess { saga { id kind step stuckSince } } ... on SagaNotStuck { saga { id } } ... on UserError { code } } }`;
const REVENUE = '{ revenue(year: %YEAR%) { month orders gross { amount } refunded { amount } net { amount } } }';

let product: Product;
let students: Graph[];
let admin: Graph;

beforeAll(async () => {
  product = await startProduct({ SAMPLE_STUDENTS: '20' });
  const buyers = product.laptop.sample.users.filter(
    ({ status, roles }) => roles.includes('student') && status !== 'blocked',
  );
  students = await Promise.all(buyers.slice(2).map(({ id }) => product.as(id)));
  admin = await product.as(people.admin, { roles: ['admin'] });
}, 60_000);
afterAll(() => product.stop(), 30_000);

async function paidOrder() {
  const graph = students.pop();
  if (!graph) throw new Error('every student has bought already');
  const { orderId, session } = await placeAndStart(graph, [FEDERATION, POSTGRES]);
  await product.press('approve', session);
  const order = await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED');
  return { graph, orderId, items: order.items as { id: string; productId: string }[] };
}

const itemOf = async (graph: Graph, id: string, productId: string): Promise<string> => {
  const { data } = await graph.ask(`query ($id: ID!) { order(id: $id) { items { id productId } } }`, { id });
  return data.order.items.find((item: { productId: string }) => item.productId === productId).id;
};

async function pressRefund(refundId: string, action: 'settle' | 'fail') {
  await eventually(async () => {
    const answer = await fetch(`${product.pageUrl}/refunds/${refundId}/${action}`, { method: 'POST' });
    return answer.ok;
  });
}

const thisMonth = async () => {
  const now = new Date();
  const { data } = await admin.ask(REVENUE.replace('%YEAR%', String(now.getUTCFullYear())));
  expect(data.revenue).toHaveLength(12);
  const { orders, gross, refunded, net } = data.revenue[now.getUTCMonth()];
  return { orders, gross: gross.amount, refunded: refunded.amount, net: net.amount };
};

describe('given a paid order', () => {
  it('when the buyer asks for one item and an operator approves, then the payment service gives it back, and money agrees', async () => {
    const { graph, orderId } = await paidOrder();
    const before = await thisMonth();
    const item = await itemOf(graph, orderId, FEDERATION);
    const input = { orderId, itemIds: [item], note: 'too hard', idempotencyKey: 'refund-1' };
    const asked = (await graph.ask(REQUEST, { input })).data.requestRefund;
    expect(asked).toMatchObject({
      replayed: false,
      refund: {
        status: 'REQUESTED',
        reason: 'REQUESTED_BY_BUYER',
        amount: { amount: 49_900 },
        items: [{ productId: FEDERATION }],
      },
    });
    expect((await graph.ask(REQUEST, { input })).data.requestRefund).toMatchObject({
      replayed: true,
      refund: { id: asked.refund.id },
    });
    expect((await graph.ask(REQUEST, { input: { orderId, itemIds: [item] } })).data.requestRefund).toMatchObject({
      reason: 'REFUND_OPEN',
    });

    const waiting = (await admin.ask(`{ refunds(status: [REQUESTED]) { nodes { id } totalCount } }`)).data.refunds;
    expect(waiting).toEqual({ nodes: [{ id: asked.refund.id }], totalCount: 1 });
    const decide = { input: { refundId: asked.refund.id } };
    for (const _time of [1, 2]) {
      expect((await admin.ask(DECIDE('approveRefund'), decide)).data.approveRefund.refund.status).toBe('APPROVED');
    }
    await pressRefund(asked.refund.id, 'settle');
    const order = await eventually(
      async () => (await graph.ask(SHOW, { id: orderId })).data.order,
      ({ refunds }) => refunds[0].status === 'SUCCEEDED',
    );
    expect(order).toMatchObject({
      status: 'SUCCEEDED',
      fulfilment: 'FULFILLED',
      captured: { amount: BOTH },
      refunded: { amount: 49_900 },
    });
    expect(order.items.map(({ fulfilment }: { fulfilment: string }) => fulfilment)).toEqual(['REVOKED', 'FULFILLED']);
    expect(await thisMonth()).toEqual({
      orders: before.orders,
      gross: before.gross,
      refunded: before.refunded + 49_900,
      net: before.net - 49_900,
    });

    const rest = (await graph.ask(REQUEST, { input: { orderId } })).data.requestRefund.refund;
    expect(rest).toMatchObject({ amount: { amount: 149_900 }, items: [{ productId: POSTGRES }] });
    await admin.ask(DECIDE('approveRefund'), { input: { refundId: rest.id } });
    await pressRefund(rest.id, 'settle');
    expect(await untilOrder(graph, orderId, 'REFUNDED', 'REVOKED')).toMatchObject({ refunded: { amount: BOTH } });
    await eventually(
      () => product.sql(`select 1 from bus.messages where topic = 'order.course.refunded.v1'`),
      (rows) => rows.length === 1,
    );
    expect((await graph.ask(`{ me { hasPurchased(courseId: "${FEDERATION}") } }`)).data.me.hasPurchased).toBe(false);
  });

  it('when an operator asks, then it is approved at once, and settled by hand with a reference', async () => {
    const { graph, orderId } = await paidOrder();
    const { refund } = (await admin.ask(REQUEST, { input: { orderId } })).data.requestRefund;
    expect(refund).toMatchObject({ status: 'APPROVED', reason: 'OPERATOR', amount: { amount: BOTH } });
    const input = { refundId: refund.id, succeeded: true, reference: 'bank-42' };
    for (const _time of [1, 2]) {
      const { settleRefund } = (await admin.ask(SETTLE, { input })).data;
      expect(settleRefund).toMatchObject({
        __typename: 'SettleRefundSuccess',
        refund: { status: 'SUCCEEDED', reference: 'bank-42' },
        order: { status: 'REFUNDED' },
      });
    }
    const other = (await admin.ask(SETTLE, { input: { ...input, reference: 'bank-43' } })).data.settleRefund;
    expect(other).toMatchObject({ __typename: 'ActionNotAllowed', reason: 'WRONG_STATUS' });
    const { order } = (await graph.ask(SHOW, { id: orderId })).data;
    expect(order.timeline.map(({ type }: { type: string }) => type).slice(-4)).toEqual([
      'REFUND_REQUESTED',
      'REFUND_APPROVED',
      'REFUND_SUCCEEDED',
      'REFUNDED',
    ]);
  });

  it('when it is rejected or fails at the payment service, then the money and the courses stay', async () => {
    const { graph, orderId } = await paidOrder();
    const first = (await graph.ask(REQUEST, { input: { orderId } })).data.requestRefund.refund;
    await admin.ask(DECIDE('rejectRefund'), { input: { refundId: first.id, note: 'no' } });
    expect(
      (await admin.ask(DECIDE('approveRefund'), { input: { refundId: first.id } })).data.approveRefund.reason,
    ).toBe('WRONG_STATUS');
    const second = (await admin.ask(REQUEST, { input: { orderId } })).data.requestRefund.refund;
    await pressRefund(second.id, 'fail');
    const order = await eventually(
      async () => (await graph.ask(SHOW, { id: orderId })).data.order,
      ({ refunds }) => refunds[1].status === 'FAILED',
    );
    expect(order).toMatchObject({
      status: 'SUCCEEDED',
      fulfilment: 'FULFILLED',
      refunded: { amount: 0 },
      refunds: [{ status: 'REJECTED' }, {}],
    });
  });

  it('when nobody settles it, then its saga is stuck, listed, and can be retried by an operator alone', async () => {
    const { graph, orderId } = await paidOrder();
    const { refund } = (await admin.ask(REQUEST, { input: { orderId } })).data.requestRefund;
    // Its saga has begun to wait; its time is over.
    await eventually(
      () =>
        product.sql(`update sagas set due_at = now() where subject_id = $1 and attempts = 1 returning 1`, [refund.id]),
      (rows) => rows.length === 1,
    );
    const stuck = await eventually(
      async () =>
        (await admin.ask('{ stuckSagas { nodes { id kind lastError stuckSince order { id } refund { id } } } }')).data
          .stuckSagas.nodes,
      (nodes) => nodes.length === 1,
    );
    expect(stuck).toMatchObject([
      { kind: 'REFUND', order: { id: orderId }, refund: { id: refund.id }, lastError: expect.any(String) },
    ]);
    expect((await graph.ask(RETRY, { input: { sagaId: stuck[0].id } })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const retried = (await admin.ask(RETRY, { input: { sagaId: stuck[0].id } })).data.retrySaga;
    expect(retried).toMatchObject({ __typename: 'RetrySagaSuccess', saga: { kind: 'REFUND', stuckSince: null } });
    expect((await admin.ask(RETRY, { input: { sagaId: stuck[0].id } })).data.retrySaga.__typename).toBe('SagaNotStuck');
    await eventually(
      () =>
        product.sql(`select 1 from bus.messages where topic = 'payment.refund.requested.v1' and key = $1`, [orderId]),
      (rows) => rows.length === 2,
    );
  });

  it('when the window has passed, then only an operator may ask', async () => {
    const { graph, orderId } = await paidOrder();
    await product.sql(`update orders set paid_at = paid_at - interval '15 days' where id = $1`, [orderId]);
    expect((await graph.ask(REQUEST, { input: { orderId } })).data.requestRefund).toMatchObject({
      reason: 'REFUND_WINDOW_CLOSED',
    });
    expect((await admin.ask(REQUEST, { input: { orderId } })).data.requestRefund.refund.status).toBe('APPROVED');
  });
});

describe('given operators’ queries', () => {
  it.each([
    '{ orders { nodes { id } } }',
    '{ refunds { nodes { id } } }',
    '{ stuckSagas { nodes { id } } }',
    '{ revenue(year: 2026) { month } }',
  ])('when a student asks %s, then it is FORBIDDEN', async (query) => {
    const [student] = students;
    expect((await student?.ask(query))?.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('then an operator pages through all orders, and filters them by user and status', async () => {
    const { data } = await admin.ask(
      '{ orders(first: 2) { nodes { id buyerId } pageInfo { hasNextPage endCursor } totalCount } }',
    );
    expect(data.orders).toMatchObject({ nodes: [{}, {}], pageInfo: { hasNextPage: true }, totalCount: 5 });
    const next = await admin.ask(`{ orders(first: 100, after: "${data.orders.pageInfo.endCursor}") { nodes { id } } }`);
    expect(next.data.orders.nodes).toHaveLength(3);
    const [{ buyerId }] = data.orders.nodes;
    const own = await admin.ask(
      `{ orders(filter: { userId: "${buyerId}", status: [SUCCEEDED] }) { nodes { buyerId } } }`,
    );
    expect(own.data.orders.nodes).toEqual([{ buyerId }]);
  });
});
