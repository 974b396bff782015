import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startProduct, type Product } from './support/product.js';
import type { Graph } from './support/graph.js';
import { people, PLACE, placeAndStart, SHOW, START, untilOrder } from './support/purchase-steps.js';

const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const CANCEL = `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename
  ... on CancelOrderSuccess { order { id status statusReason statusNote version expiresAt } }
  ... on ActionNotAllowed { reason } ... on VersionConflict { order { version } }
  ... on InvalidInput { fields { path } } ... on UserError { code } } }`;
const RESTORE = `mutation ($input: RestoreOrderInput!) { restoreOrder(input: $input) { __typename
  ... on RestoreOrderSuccess { order { id status statusReason version total { amount } items { price { amount } } } }
  ... on ActionNotAllowed { reason } ... on OpenOrderExists { orders { id } } ... on AlreadyEnrolled { courseIds }
  ... on CourseUnavailable { unavailable { courseReason } } ... on UserError { code } } }`;

let product: Product;
let students: Graph[];
let admin: Graph;

beforeAll(async () => {
  product = await startProduct({ SAMPLE_STUDENTS: '30' });
  const buyers = product.laptop.sample.users.filter(
    ({ status, roles }) => roles.includes('student') && status !== 'blocked',
  );
  students = await Promise.all(buyers.slice(2).map(({ id }) => product.as(id)));
  admin = await product.as(people.admin, { roles: ['admin'] });
}, 60_000);
afterAll(() => product.stop(), 30_000);

function buyer(): Graph {
  const next = students.pop();
  if (!next) throw new Error('every student has bought already');
  return next;
}

async function place(graph: Graph): Promise<string> {
  const { data } = await graph.ask(PLACE, { input: { courseIds: [COURSE] } });
  return data.placeOrder.order.id;
}

const types = (order: { timeline: { type: string }[] }) => order.timeline.map(({ type }) => type);
const sent = (topic: string) => product.sql(`select 1 from bus.messages where topic = $1`, [topic]);
/** Lets the deadline of an order pass: the sweep looks at the stored time. */
const passDeadline = (id: string) =>
  product.sql(
    `update orders set payable_until = now() - interval '1 second', expires_at = now() - interval '1 second' where id = $1`,
    [id],
  );

describe('given an unpaid order', () => {
  it('when its buyer cancels it, then it is cancelled, again answers success again, and the course can be ordered anew', async () => {
    const graph = buyer();
    const orderId = await place(graph);
    const input = { orderId, note: 'changed my mind', expectedVersion: 1 };
    for (const _time of [1, 2]) {
      const { cancelOrder } = (await graph.ask(CANCEL, { input })).data;
      expect(cancelOrder).toMatchObject({
        __typename: 'CancelOrderSuccess',
        order: {
          status: 'CANCELLED',
          statusReason: 'CANCELLED_BY_BUYER',
          statusNote: 'changed my mind',
          version: 2,
          expiresAt: null,
        },
      });
    }
    expect((await graph.ask(PLACE, { input: { courseIds: [COURSE] } })).data.placeOrder.__typename).toBe(
      'PlaceOrderSuccess',
    );
  });

  it('when an operator cancels it, then the timeline names the actor', async () => {
    const graph = buyer();
    const orderId = await place(graph);
    expect((await admin.ask(CANCEL, { input: { orderId } })).data.cancelOrder.order.statusReason).toBe(
      'CANCELLED_BY_OPERATOR',
    );
    const { order } = (
      await admin.ask(`query ($id: ID!) { order(id: $id) { timeline { type actor by { id } } } }`, { id: orderId })
    ).data;
    expect(order.timeline.at(-1)).toEqual({ type: 'CANCELLED', actor: 'OPERATOR', by: { id: people.admin } });
  });

  it('when somebody else, or an old version, cancels it, then nothing changes', async () => {
    const [graph, stranger] = [buyer(), buyer()];
    const orderId = await place(graph);
    expect((await stranger.ask(CANCEL, { input: { orderId } })).data.cancelOrder.__typename).toBe('NotFound');
    expect((await graph.ask(CANCEL, { input: { orderId, expectedVersion: 7 } })).data.cancelOrder).toMatchObject({
      __typename: 'VersionConflict',
      order: { version: 1 },
    });
    expect(
      (await graph.ask(CANCEL, { input: { orderId: 'x', note: 'n'.repeat(501) } })).data.cancelOrder.fields,
    ).toEqual([{ path: 'orderId' }, { path: 'note' }]);
    expect((await graph.ask(SHOW, { id: orderId })).data.order).toMatchObject({
      status: 'PENDING_PAYMENT',
      version: 1,
    });
  });

  it('when it is cancelled while a payment is open, then the payment is cancelled at the payment service', async () => {
    const graph = buyer();
    const { orderId } = await placeAndStart(graph, [COURSE]);
    await graph.ask(CANCEL, { input: { orderId } });
    const order = await eventually(
      async () => (await graph.ask(SHOW, { id: orderId })).data.order,
      ({ payments }) => payments[0].status === 'CANCELLED',
    );
    expect(order.status).toBe('CANCELLED');
    expect(await product.sql(`select status from neighbours.payments where order_id = $1`, [orderId])).toEqual([
      { status: 'cancelled' },
    ]);
  });

  it('when its deadline passes, then it expires within seconds and says so once', async () => {
    const graph = buyer();
    const before = (await sent('order.course.expired.v1')).length;
    const orderId = await place(graph);
    await passDeadline(orderId);
    const order = await untilOrder(graph, orderId, 'EXPIRED');
    expect(order).toMatchObject({ statusReason: 'DEADLINE_PASSED', expiresAt: null });
    expect(types(order)).toEqual(['PLACED', 'EXPIRED']);
    await eventually(
      () => sent('order.course.expired.v1'),
      (rows) => rows.length === before + 1,
    );
  });
});

describe('given an order that has ended unpaid', () => {
  it('when it is restored at a new price, then it is payable at that price and the timeline says REPRICED', async () => {
    const graph = buyer();
    const orderId = await place(graph);
    await graph.ask(CANCEL, { input: { orderId } });
    const restored = await withPrice(649, () => graph.ask(RESTORE, { input: { orderId } }));
    expect(restored.data.restoreOrder).toMatchObject({
      __typename: 'RestoreOrderSuccess',
      order: {
        status: 'PENDING_PAYMENT',
        statusReason: null,
        total: { amount: 64_900 },
        items: [{ price: { amount: 64_900 } }],
      },
    });
    expect(types((await graph.ask(SHOW, { id: orderId })).data.order)).toEqual([
      'PLACED',
      'CANCELLED',
      'RESTORED',
      'REPRICED',
    ]);
  });

  it('when it is payable, paid or another’s, then it cannot be restored', async () => {
    const [graph, stranger] = [buyer(), buyer()];
    const orderId = await place(graph);
    expect((await graph.ask(RESTORE, { input: { orderId } })).data.restoreOrder).toMatchObject({
      reason: 'WRONG_STATUS',
    });
    await graph.ask(CANCEL, { input: { orderId } });
    expect((await stranger.ask(RESTORE, { input: { orderId } })).data.restoreOrder.__typename).toBe('NotFound');
    expect((await admin.ask(RESTORE, { input: { orderId } })).data.restoreOrder.__typename).toBe('NotFound');
  });

  it('when the course was ordered anew meanwhile, then the open order is named', async () => {
    const graph = buyer();
    const orderId = await place(graph);
    await graph.ask(CANCEL, { input: { orderId } });
    const other = await place(graph);
    expect((await graph.ask(RESTORE, { input: { orderId } })).data.restoreOrder).toMatchObject({
      orders: [{ id: other }],
    });
  });

  it('when it is restored at a new price and the old payment still succeeds, then it is paid once, at the old price', async () => {
    const graph = buyer();
    const { orderId, session } = await expireWhilePaying(graph);
    await withPrice(649, () => graph.ask(RESTORE, { input: { orderId } }));
    expect((await graph.ask(SHOW, { id: orderId })).data.order).toMatchObject({
      status: 'PENDING_PAYMENT',
      total: { amount: 64_900 },
    });
    await product.press('approve', session);
    expect(await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED')).toMatchObject({
      total: { amount: 49_900 },
      captured: { amount: 49_900 },
      items: [{ price: { amount: 49_900 } }],
      refunds: [],
    });
  });

  it('when the old and the new payment both succeed, then one of them is given back', async () => {
    const graph = buyer();
    const { orderId, session } = await expireWhilePaying(graph);
    await graph.ask(RESTORE, { input: { orderId } });
    const { data } = await graph.ask(START, { input: { orderId, provider: 'STRIPE' } });
    await product.press('approve', session);
    await product.press('approve', data.startPayment.session.sessionId);
    await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED');
    const order = await eventually(
      async () => (await graph.ask(SHOW, { id: orderId })).data.order,
      ({ refunds }) => refunds.length === 1,
    );
    expect(order).toMatchObject({
      captured: { amount: 99_800 },
      refunds: [{ status: 'APPROVED', reason: 'DUPLICATE_PAYMENT', amount: { amount: 49_900 } }],
    });
    expect(await sent('payment.refund.requested.v1')).toHaveLength(1);
  });

  it('when money comes after it expired, then it is delivered if it still can be, else given back', async () => {
    const [graph, other] = [buyer(), buyer()];
    const late = await expireWhilePaying(graph);
    await product.press('approve', late.session);
    expect(await untilOrder(graph, late.orderId, 'SUCCEEDED', 'FULFILLED')).toMatchObject({
      captured: { amount: 49_900 },
      refunds: [],
    });

    const superseding = buyer();
    const paidLate = await expireWhilePaying(superseding);
    const open = await place(superseding);
    await product.press('approve', paidLate.session);
    await untilOrder(superseding, paidLate.orderId, 'SUCCEEDED', 'FULFILLED');
    expect((await superseding.ask(SHOW, { id: open })).data.order).toMatchObject({
      status: 'CANCELLED',
      statusReason: 'SUPERSEDED',
    });

    const tooLate = await expireWhilePaying(other);
    const anew = await placeAndStart(other, [COURSE]);
    await product.press('approve', anew.session);
    await untilOrder(other, anew.orderId, 'SUCCEEDED', 'FULFILLED');
    await product.press('approve', tooLate.session);
    const order = await eventually(
      async () => (await other.ask(SHOW, { id: tooLate.orderId })).data.order,
      ({ refunds }) => refunds.length === 1,
    );
    expect(order).toMatchObject({ status: 'EXPIRED', refunds: [{ status: 'APPROVED', reason: 'ALREADY_ENROLLED' }] });
  });

  /** An order that expires although its payment at the payment service lives on, because that cannot be cancelled. */
  async function expireWhilePaying(graph: Graph) {
    const started = await placeAndStart(graph, [COURSE]);
    await untilOrder(graph, started.orderId, 'PROCESSING');
    await holdCancellations(async () => {
      await product.sql(`update payment_attempts set deadline = now() - interval '1 second' where order_id = $1`, [
        started.orderId,
      ]);
      await passDeadline(started.orderId);
      await untilOrder(graph, started.orderId, 'EXPIRED');
      await eventually(
        () => product.sql(`select 1 from sagas where order_id = $1 and failures > 0`, [started.orderId]),
        (rows) => rows.length > 0,
      );
      await product.sql(`update sagas set due_at = now() + interval '1 hour' where order_id = $1`, [started.orderId]);
    });
    return started;
  }

  async function holdCancellations(work: () => Promise<void>): Promise<void> {
    const payment = product.laptop.neighbours?.payment;
    if (!payment) throw new Error('there is no stand-in payment service');
    payment.faults = { status: 14, methods: ['CancelPayment'] };
    try {
      await work();
    } finally {
      payment.faults = {};
    }
  }
});

async function withPrice<T>(discountPrice: number, work: () => Promise<T>): Promise<T> {
  const course = product.laptop.sample.courses.find(({ id }) => id === COURSE);
  if (!course) throw new Error('the sample has changed');
  const before = course.discountPrice;
  course.discountPrice = discountPrice;
  try {
    return await work();
  } finally {
    course.discountPrice = before;
  }
}
