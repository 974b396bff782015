import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import type { Graph } from '../support/graph.js';
import { CANCEL } from '../support/life-stand.js';
import { SHOW, untilOrder } from '../support/purchase-steps.js';
import { inHours, openSessionStand, type SessionStand } from './session-stand.js';
import { book, bookAndPay, bookingOf, cancel, sessionOf, type Booking } from './session-steps.js';

const REQUEST = `mutation ($input: RequestRefundInput!) { requestRefund(input: $input) { __typename
  ... on RequestRefundSuccess { refund { id status reason amount { amount } } } ... on ActionNotAllowed { reason } } }`;

let stand: SessionStand;

beforeAll(async () => {
  stand = await openSessionStand();
}, 60_000);
afterAll(() => stand.stop(), 30_000);

const askBack = async (graph: Graph, orderId: string) =>
  (await graph.ask(REQUEST, { input: { orderId } })).data.requestRefund;

/** A confirmed, paid seat in a session that begins in so many hours. */
async function paidSeat(hours = 144) {
  const [attendee, sessionId] = [stand.attendee(), stand.session(inHours(hours))];
  const booking = await bookAndPay(stand.product, attendee, sessionId);
  return { attendee, sessionId, id: booking.id as string, orderId: booking.order.id as string };
}

const actionOf = ({ availableActions }: Booking, wanted: string) =>
  availableActions.find(({ name }: { name: string }) => name === wanted);

describe('given a paid seat in a session that is far away', () => {
  it('when its attendee cancels it, then the seat is free, and its money goes back without anybody’s approval', async () => {
    const { attendee, sessionId, id, orderId } = await paidSeat();
    for (const _time of [1, 2]) {
      expect(await cancel(attendee, id, { note: 'I am away' })).toMatchObject({
        __typename: 'CancelSessionBookingSuccess',
        booking: {
          status: 'CANCELLED',
          statusReason: 'CANCELLED_BY_BUYER',
          statusNote: 'I am away',
          version: 3,
          order: { status: 'SUCCEEDED', refunds: [{ status: 'APPROVED', reason: 'REQUESTED_BY_BUYER' }] },
        },
      });
    }
    expect((await sessionOf(attendee, sessionId)).remaining).toBe(2);
    const { order } = await bookingOf(attendee, id);
    await stand.settleRefund(order.refunds[0].id);
    expect(await untilOrder(attendee, orderId, 'REFUNDED', 'REVOKED')).toMatchObject({
      refunded: { amount: 19_900 },
      refunds: [{ status: 'SUCCEEDED', amount: { amount: 19_900 } }],
    });
    expect((await book(attendee, sessionId)).id).not.toBe(id);
  });

  it('when the money of its order is asked back, then the booking is cancelled with it', async () => {
    const { attendee, sessionId, id, orderId } = await paidSeat();
    expect(await askBack(attendee, orderId)).toMatchObject({
      __typename: 'RequestRefundSuccess',
      refund: { status: 'APPROVED', reason: 'REQUESTED_BY_BUYER', amount: { amount: 19_900 } },
    });
    expect(await bookingOf(attendee, id)).toMatchObject({
      status: 'CANCELLED',
      statusReason: 'CANCELLED_BY_BUYER',
      session: { remaining: 2 },
    });
    expect(await askBack(attendee, orderId)).toMatchObject({ __typename: 'ActionNotAllowed' });
    expect((await sessionOf(attendee, sessionId)).viewerBooking).toEqual({ id, status: 'CANCELLED' });
  });

  it('when an old version or a stranger cancels it, or with senseless input, then nothing changes', async () => {
    const { attendee, id } = await paidSeat();
    expect(await cancel(attendee, id, { expectedVersion: 1 })).toEqual({
      __typename: 'BookingVersionConflict',
      code: 'VERSION_CONFLICT',
      booking: { version: 2 },
    });
    expect((await cancel(stand.attendee(), id)).__typename).toBe('NotFound');
    expect((await cancel(attendee, 'x', { note: 'n'.repeat(501) })).fields).toEqual([
      { path: 'bookingId' },
      { path: 'note' },
    ]);
    expect(await bookingOf(attendee, id)).toMatchObject({ status: 'CONFIRMED', version: 2 });
  });
});

describe('given a paid seat in a session that begins in 23 hours', () => {
  it('then the rules say before, and answer after, that its attendee is too late; an operator is not', async () => {
    const { attendee, id, orderId } = await paidSeat(23);
    const closed = { allowed: false, blockedReason: 'CANCELLATION_WINDOW_CLOSED' };
    expect(actionOf(await bookingOf(attendee, id), 'CANCEL')).toMatchObject(closed);
    const { order } = (await attendee.ask(SHOW, { id: orderId })).data;
    expect(actionOf(order, 'REQUEST_REFUND')).toMatchObject(closed);

    expect(await cancel(attendee, id)).toEqual({
      __typename: 'BookingActionNotAllowed',
      code: 'ACTION_NOT_ALLOWED',
      reason: 'CANCELLATION_WINDOW_CLOSED',
      booking: { id, status: 'CONFIRMED' },
    });
    expect(await askBack(attendee, orderId)).toEqual({
      __typename: 'ActionNotAllowed',
      reason: 'CANCELLATION_WINDOW_CLOSED',
    });

    expect(await cancel(stand.admin, id, { note: 'ill' })).toMatchObject({
      booking: { status: 'CANCELLED', statusReason: 'CANCELLED_BY_OPERATOR' },
    });
    expect((await bookingOf(attendee, id)).order.refunds).toMatchObject([{ status: 'APPROVED', reason: 'OPERATOR' }]);
    const told = await stand.notices(id, 2);
    expect(told.map(({ userId }) => userId)).toEqual([attendee.id, attendee.id]);
  });
});

describe('given a seat that waits to be paid', () => {
  it('when its booking is cancelled, then its order is cancelled too and nothing is given back', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session()];
    const { id } = await book(attendee, sessionId);
    expect((await cancel(attendee, id)).booking).toMatchObject({
      status: 'CANCELLED',
      session: { remaining: 2 },
      order: { status: 'CANCELLED', statusReason: 'CANCELLED_BY_BUYER', refunds: [] },
    });
  });

  it('when its order is cancelled, then its booking is cancelled too', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session()];
    const { id, order } = await book(attendee, sessionId);
    expect((await attendee.ask(CANCEL, { input: { orderId: order.id } })).data.cancelOrder.__typename).toBe(
      'CancelOrderSuccess',
    );
    expect(await bookingOf(attendee, id)).toMatchObject({
      status: 'CANCELLED',
      statusReason: 'CANCELLED_BY_BUYER',
      session: { remaining: 2 },
    });
  });
});

describe('given a seat of a free session', () => {
  it('when it is cancelled, then the seat is free and no money is spoken of', async () => {
    const [attendee, sessionId] = [stand.attendee(), stand.session({ price: 0 })];
    const { id } = await book(attendee, sessionId);
    expect((await cancel(attendee, id)).booking).toMatchObject({
      status: 'CANCELLED',
      order: null,
      session: { remaining: 2 },
    });
    await eventually(
      () =>
        stand.product.sql(`select 1 from bus.messages where topic = 'session.booking.cancelled.v1' and key = $1`, [id]),
      (rows) => rows.length === 1,
    );
  });
});
