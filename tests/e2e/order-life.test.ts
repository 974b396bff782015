import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { CANCEL, COURSE, types, openLifeStand, type LifeStand } from './support/life-stand.js';
import { people, PLACE, placeAndStart, SHOW, untilOrder } from './support/purchase-steps.js';

let stand: LifeStand;

beforeAll(async () => {
  stand = await openLifeStand();
}, 60_000);
afterAll(() => stand.product.stop(), 30_000);

describe('given an unpaid order', () => {
  it('when its buyer cancels it, then it is cancelled, again answers success again, and the course can be ordered anew', async () => {
    const graph = stand.buyer();
    const orderId = await stand.place(graph);
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
    const graph = stand.buyer();
    const orderId = await stand.place(graph);
    expect((await stand.admin.ask(CANCEL, { input: { orderId } })).data.cancelOrder.order.statusReason).toBe(
      'CANCELLED_BY_OPERATOR',
    );
    const { order } = (
      await stand.admin.ask(`query ($id: ID!) { order(id: $id) { timeline { type actor by { id } } } }`, {
        id: orderId,
      })
    ).data;
    expect(order.timeline.at(-1)).toEqual({ type: 'CANCELLED', actor: 'OPERATOR', by: { id: people.admin } });
  });

  it('when somebody else, or an old version, cancels it, then nothing changes', async () => {
    const [graph, stranger] = [stand.buyer(), stand.buyer()];
    const orderId = await stand.place(graph);
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
    const graph = stand.buyer();
    const { orderId } = await placeAndStart(graph, [COURSE]);
    await graph.ask(CANCEL, { input: { orderId } });
    const order = await eventually(
      async () => (await graph.ask(SHOW, { id: orderId })).data.order,
      ({ payments }) => payments[0].status === 'CANCELLED',
    );
    expect(order.status).toBe('CANCELLED');
    expect(await stand.product.sql(`select status from neighbours.payments where order_id = $1`, [orderId])).toEqual([
      { status: 'cancelled' },
    ]);
  });

  it('when its deadline passes, then it expires within seconds and says so once', async () => {
    const graph = stand.buyer();
    const before = (await stand.sent('order.course.expired.v1')).length;
    const orderId = await stand.place(graph);
    await stand.passDeadline(orderId);
    const order = await untilOrder(graph, orderId, 'EXPIRED');
    expect(order).toMatchObject({ statusReason: 'DEADLINE_PASSED', expiresAt: null });
    expect(types(order)).toEqual(['PLACED', 'EXPIRED']);
    await eventually(
      () => stand.sent('order.course.expired.v1'),
      (rows) => rows.length === before + 1,
    );
  });
});
