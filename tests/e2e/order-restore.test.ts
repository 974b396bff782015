import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import type { Graph } from './support/graph.js';
import { CANCEL, COURSE, RESTORE, types, openLifeStand, type LifeStand } from './support/life-stand.js';
import { placeAndStart, SHOW, START, untilOrder } from './support/purchase-steps.js';

let stand: LifeStand;

beforeAll(async () => {
  stand = await openLifeStand();
}, 60_000);
afterAll(() => stand.product.stop(), 30_000);

describe('given an order that has ended unpaid', () => {
  it('when it is restored at a new price, then it is payable at that price and the timeline says REPRICED', async () => {
    const graph = stand.buyer();
    const orderId = await stand.place(graph);
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
    const [graph, stranger] = [stand.buyer(), stand.buyer()];
    const orderId = await stand.place(graph);
    expect((await graph.ask(RESTORE, { input: { orderId } })).data.restoreOrder).toMatchObject({
      reason: 'WRONG_STATUS',
    });
    await graph.ask(CANCEL, { input: { orderId } });
    expect((await stranger.ask(RESTORE, { input: { orderId } })).data.restoreOrder.__typename).toBe('NotFound');
    const byOperator = (await stand.admin.ask(RESTORE, { input: { orderId } })).data.restoreOrder;
    expect(byOperator.__typename).toBe('ActionNotAllowed');
  });

  it('when the course was ordered anew meanwhile, then the open order is named', async () => {
    const graph = stand.buyer();
    const orderId = await stand.place(graph);
    await graph.ask(CANCEL, { input: { orderId } });
    const other = await stand.place(graph);
    expect((await graph.ask(RESTORE, { input: { orderId } })).data.restoreOrder).toMatchObject({
      orders: [{ id: other }],
    });
  });

  it('when it is restored at a new price and the old payment still succeeds, then it is paid once, at the old price', async () => {
    const graph = stand.buyer();
    const { orderId, session } = await expireWhilePaying(graph);
    await withPrice(649, () => graph.ask(RESTORE, { input: { orderId } }));
    expect((await graph.ask(SHOW, { id: orderId })).data.order).toMatchObject({
      status: 'PENDING_PAYMENT',
      total: { amount: 64_900 },
    });
    await stand.product.press('approve', session);
    expect(await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED')).toMatchObject({
      total: { amount: 49_900 },
      captured: { amount: 49_900 },
      items: [{ price: { amount: 49_900 } }],
      refunds: [],
    });
  });

  it('when the old and the new payment both succeed, then one of them is given back', async () => {
    const graph = stand.buyer();
    const { orderId, session } = await expireWhilePaying(graph);
    await graph.ask(RESTORE, { input: { orderId } });
    const { data } = await graph.ask(START, { input: { orderId, provider: 'STRIPE' } });
    await stand.product.press('approve', session);
    await stand.product.press('approve', data.startPayment.session.sessionId);
    await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED');
    const order = await eventually(
      async () => (await graph.ask(SHOW, { id: orderId })).data.order,
      ({ refunds }) => refunds.length === 1,
    );
    expect(order).toMatchObject({
      captured: { amount: 99_800 },
      refunds: [{ status: 'APPROVED', reason: 'DUPLICATE_PAYMENT', amount: { amount: 49_900 } }],
    });
    expect(await stand.sent('payment.refund.requested.v1')).toHaveLength(1);
  });

  it('when money comes after it expired, then it is delivered if it still can be, else given back', async () => {
    const [graph, other] = [stand.buyer(), stand.buyer()];
    const late = await expireWhilePaying(graph);
    await stand.product.press('approve', late.session);
    expect(await untilOrder(graph, late.orderId, 'SUCCEEDED', 'FULFILLED')).toMatchObject({
      captured: { amount: 49_900 },
      refunds: [],
    });

    const superseding = stand.buyer();
    const paidLate = await expireWhilePaying(superseding);
    const open = await stand.place(superseding);
    await stand.product.press('approve', paidLate.session);
    await untilOrder(superseding, paidLate.orderId, 'SUCCEEDED', 'FULFILLED');
    expect((await superseding.ask(SHOW, { id: open })).data.order).toMatchObject({
      status: 'CANCELLED',
      statusReason: 'SUPERSEDED',
    });

    const tooLate = await expireWhilePaying(other);
    const anew = await placeAndStart(other, [COURSE]);
    await stand.product.press('approve', anew.session);
    await untilOrder(other, anew.orderId, 'SUCCEEDED', 'FULFILLED');
    await stand.product.press('approve', tooLate.session);
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
      await stand.product.sql(
        `update payment_attempts set deadline = now() - interval '1 second' where order_id = $1`,
        [started.orderId],
      );
      await stand.passDeadline(started.orderId);
      await untilOrder(graph, started.orderId, 'EXPIRED');
      await eventually(
        () => stand.product.sql(`select 1 from sagas where order_id = $1 and failures > 0`, [started.orderId]),
        (rows) => rows.length > 0,
      );
      await stand.product.sql(`update sagas set due_at = now() + interval '1 hour' where order_id = $1`, [
        started.orderId,
      ]);
    });
    return started;
  }

  async function holdCancellations(work: () => Promise<void>): Promise<void> {
    const payment = stand.product.laptop.neighbours?.payment;
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
  const course = stand.product.laptop.sample.courses.find(({ id }) => id === COURSE);
  if (!course) throw new Error('the sample has changed');
  const before = course.discountPrice;
  course.discountPrice = discountPrice;
  try {
    return await work();
  } finally {
    course.discountPrice = before;
  }
}
