import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { RESTORE } from '../support/life-stand.js';
import { SHOW, untilOrder } from '../support/purchase-steps.js';
import { openSessionStand, type Attendee, type SessionStand } from './session-stand.js';
import { book, bookAndPay, bookingOf, sessionOf, startPaying, tryToBook, untilBooking } from './session-steps.js';

const MINUTE = 60_000;

let stand: SessionStand;

beforeAll(async () => {
  stand = await openSessionStand();
}, 60_000);
afterAll(() => stand.stop(), 30_000);

const restore = async (graph: Attendee, orderId: string) =>
  (await graph.ask(RESTORE, { input: { orderId } })).data.restoreOrder;

describe('given a free session', () => {
  it('when a seat is booked, then it is the attendee’s at once, without an order', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session({ price: 0 })];
    expect(await book(attendee, sessionId)).toMatchObject({
      status: 'CONFIRMED',
      version: 2,
      attendeeId: attendee.id,
      price: { amount: 0, currency: 'INR' },
      order: null,
      holdExpiresAt: null,
      session: { id: sessionId, remaining: 1, waitlistLength: 0 },
      availableActions: [
        { name: 'PAY', allowed: false, blockedReason: 'NOT_PRICED' },
        { name: 'CANCEL', allowed: true, blockedReason: null },
      ],
    });
    expect((await attendee.ask('{ myOrders { totalCount } }')).data.myOrders.totalCount).toBe(0);
  });
});

describe('given a priced session', () => {
  it('when its seat is booked and paid, then it is confirmed with its order, and completed after its end', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session()];
    const held = await book(attendee, sessionId);
    expect(held).toMatchObject({ status: 'PENDING', version: 1, session: { remaining: 1 } });
    expect(held.order).toMatchObject({ status: 'PENDING_PAYMENT', expiresAt: held.holdExpiresAt });
    expect(Date.parse(held.holdExpiresAt) - Date.parse(held.bookedAt)).toBe(10 * MINUTE);
    expect((await attendee.ask(SHOW, { id: held.order.id })).data.order).toMatchObject({
      fulfilment: 'NOT_STARTED',
      subtotal: { amount: 19_900 },
      items: [{ kind: 'SESSION', productId: sessionId, title: held.title, price: { amount: 19_900 }, course: null }],
    });

    await stand.product.press('approve', await startPaying(attendee, held.order.id));
    const confirmed = await untilBooking(attendee, held.id, 'CONFIRMED');
    expect(confirmed).toMatchObject({ version: 2, holdExpiresAt: null, session: { remaining: 1 } });
    expect(await untilOrder(attendee, held.order.id, 'SUCCEEDED', 'FULFILLED')).toMatchObject({
      captured: { amount: 19_900 },
      items: [{ fulfilment: 'FULFILLED' }],
    });

    await stand.act(sessionId, 'start/-90');
    const completed = await untilBooking(attendee, held.id, 'COMPLETED');
    expect(completed).toMatchObject({ version: 3, order: { status: 'SUCCEEDED', refunds: [] } });
    expect(completed.availableActions.map(({ allowed }: { allowed: boolean }) => allowed)).toEqual([false, false]);
  });

  it('when it is not paid in time, then booking and order expire and the seat is free again', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session({ maxSlots: 1 })];
    const { id, order } = await book(attendee, sessionId);
    expect((await sessionOf(attendee, sessionId)).remaining).toBe(0);
    await stand.passHold(order.id);
    expect(await untilBooking(attendee, id, 'EXPIRED')).toMatchObject({
      statusReason: 'DEADLINE_PASSED',
      holdExpiresAt: null,
      order: { status: 'EXPIRED', statusReason: 'DEADLINE_PASSED' },
      session: { remaining: 1 },
    });
  });

  it('when its payment is declined, then the booking is cancelled for that reason and the seat is free again', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session({ maxSlots: 1 })];
    const { id, order } = await book(attendee, sessionId);
    await stand.product.press('decline', await startPaying(attendee, order.id));
    expect(await untilBooking(attendee, id, 'CANCELLED')).toMatchObject({
      statusReason: 'PAYMENT_DECLINED',
      order: { status: 'FAILED' },
      session: { remaining: 1 },
    });
  });

  it('when the order of an expired hold is restored, then it holds a new booking, which can be paid', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session()];
    const first = await book(attendee, sessionId);
    await stand.passHold(first.order.id);
    await untilBooking(attendee, first.id, 'EXPIRED');

    expect(await restore(attendee, first.order.id)).toMatchObject({
      __typename: 'RestoreOrderSuccess',
      order: { id: first.order.id, status: 'PENDING_PAYMENT', total: { amount: 19_900 } },
    });
    const { viewerBooking } = await sessionOf(attendee, sessionId);
    expect(viewerBooking).toEqual({ id: expect.any(String), status: 'PENDING' });
    expect(viewerBooking.id).not.toBe(first.id);
    await stand.product.press('approve', await startPaying(attendee, first.order.id));
    await untilBooking(attendee, viewerBooking.id, 'CONFIRMED');
    const { mySessionBookings } = (
      await attendee.ask('{ mySessionBookings { nodes { id status order { id } } totalCount } }')
    ).data;
    expect(mySessionBookings).toEqual({
      nodes: [
        { id: viewerBooking.id, status: 'CONFIRMED', order: { id: first.order.id } },
        { id: first.id, status: 'EXPIRED', order: { id: first.order.id } },
      ],
      totalCount: 2,
    });
  });

  it('when the seat was taken meanwhile, then the order of an expired hold cannot be restored', async () => {
    const [attendee, other, sessionId] = [stand.attendee(), stand.attendee(), stand.session({ maxSlots: 1 })];
    const { id, order } = await book(attendee, sessionId);
    await stand.passHold(order.id);
    await untilBooking(attendee, id, 'EXPIRED');
    await bookAndPay(stand.product, other, sessionId);
    expect(await restore(attendee, order.id)).toMatchObject({ __typename: 'SessionFull', code: 'SESSION_FULL' });
  });
});

describe('given money that comes after the hold has ended', () => {
  it('when a seat is free, then it takes it', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session({ maxSlots: 1 })];
    const { held, session } = await expireWhilePaying(attendee, sessionId);
    await stand.product.press('approve', session);
    await untilOrder(attendee, held.order.id, 'SUCCEEDED', 'FULFILLED');
    const { viewerBooking, remaining } = await sessionOf(attendee, sessionId);
    expect(viewerBooking.status).toBe('CONFIRMED');
    expect(remaining).toBe(0);
    expect((await bookingOf(attendee, held.id)).status).toBe('EXPIRED');
  });

  it('when no seat is free, then it goes back as SEAT_GONE', async () => {
    const [attendee, other, sessionId] = [stand.attendee(), stand.attendee(), stand.session({ maxSlots: 1 })];
    const { held, session } = await expireWhilePaying(attendee, sessionId);
    await book(other, sessionId);
    await stand.product.press('approve', session);
    const { order } = await eventually(
      () => bookingOf(attendee, held.id),
      (booking) => booking.order.refunds.length === 1,
    );
    expect(order).toMatchObject({
      status: 'EXPIRED',
      refunds: [{ status: 'APPROVED', reason: 'SEAT_GONE', amount: { amount: 19_900 } }],
    });
    expect((await tryToBook(attendee, sessionId)).__typename).toBe('SessionFull');
  });

  /** A hold that ends although its payment lives on, because the payment service cannot be told. */
  async function expireWhilePaying(attendee: Attendee, sessionId: string) {
    const held = await book(attendee, sessionId);
    const session = await startPaying(attendee, held.order.id);
    await untilOrder(attendee, held.order.id, 'PROCESSING');
    const { payment } = stand.product.neighbours;
    payment.faults = { status: 14, methods: ['CancelPayment'] };
    try {
      await stand.passHold(held.order.id);
      await untilBooking(attendee, held.id, 'EXPIRED');
      await eventually(
        () =>
          stand.product.sql(
            `update sagas set due_at = now() + interval '1 hour' where order_id = $1 and failures > 0 returning 1`,
            [held.order.id],
          ),
        (rows) => rows.length === 1,
      );
    } finally {
      payment.faults = {};
    }
    return { held, session };
  }
});
