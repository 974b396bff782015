import { describe, expect, test } from '@jest/globals';
import { FREE, HOUR, sessionStand } from './session-stand.js';

const at = sessionStand();
const inHours = (hours: number) => new Date(at.stand.clock.now().getTime() + hours * HOUR);

describe('the attendee cancels', () => {
  test('a free seat: it is free again; once more answers success and changes nothing', async () => {
    const session = at.session({ price: FREE });
    const { id } = await at.booked('asha', session);
    expect(await at.do.cancel('asha', id)).toMatchObject({ booking: { status: 'CANCELLED', version: 3 } });
    expect(await at.do.cancel('asha', id, 1)).toMatchObject({ booking: { status: 'CANCELLED', version: 3 } });
    expect(await at.status(id)).toMatchObject({ reason: 'CANCELLED_BY_BUYER' });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });

  test('a held seat: the order is cancelled with it', async () => {
    const session = at.session();
    const { id, orderId } = await at.booked('asha', session);
    await at.do.cancel('asha', id);
    expect(await at.order(orderId ?? '')).toMatchObject({ status: 'CANCELLED', statusReason: 'CANCELLED_BY_BUYER' });
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', version: 2 });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });

  test('a paid seat in time: the refund is approved at once, and the seat can be booked again', async () => {
    const session = at.session({ startsAt: inHours(24) });
    const { id, orderId } = await at.paid('asha', session);
    await at.do.cancel('asha', id);
    expect(await at.refunds(orderId)).toEqual([{ reason: 'REQUESTED_BY_BUYER', status: 'APPROVED', amount: 19_900 }]);
    expect(await at.order(orderId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
    expect(await at.do.book('asha', session)).toMatchObject({ booking: { status: 'PENDING' } });
  });

  test('too late: refused with the reason, also as a refund of the order, and nothing changes', async () => {
    const session = at.session({ startsAt: inHours(23.9) });
    const { id, orderId } = await at.paid('asha', session);
    const before = await at.stand.counts();
    const reason = 'CANCELLATION_WINDOW_CLOSED';
    expect(await at.do.cancel('asha', id)).toMatchObject({ code: 'ACTION_NOT_ALLOWED', reason, booking: { id } });
    expect(await at.do.requestRefund('asha', orderId)).toMatchObject({ code: 'ACTION_NOT_ALLOWED', reason });
    expect(await at.stand.counts()).toEqual(before);
  });

  test('where the session service tells no time, always', async () => {
    const session = at.session({ startsAt: null, endsAt: null });
    const { id } = await at.paid('asha', session);
    expect(await at.do.cancel('asha', id)).toMatchObject({ booking: { status: 'CANCELLED' } });
  });

  test('with another version in mind: a conflict that carries the booking', async () => {
    const { id } = await at.booked('asha', at.session({ price: FREE }));
    expect(await at.do.cancel('asha', id, 1)).toMatchObject({ code: 'VERSION_CONFLICT', booking: { version: 2 } });
    expect(await at.status(id)).toMatchObject({ status: 'CONFIRMED' });
  });

  test('ten times at once: one event, one refund, one seat', async () => {
    const session = at.session();
    const { id, orderId } = await at.paid('asha', session);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => at.do.cancel('asha', id)));
    expect(outcomes.every((outcome) => 'booking' in outcome && outcome.booking.status === 'CANCELLED')).toBe(true);
    expect(await at.status(id)).toMatchObject({ version: 3 });
    expect(await at.refunds(orderId)).toHaveLength(1);
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });
});

describe('others', () => {
  test('see no booking that is not theirs', async () => {
    const { id } = await at.booked('asha', at.session());
    expect(await at.do.cancel('bela', id)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await at.do.cancel('bela', 'x')).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await at.status(id)).toMatchObject({ status: 'PENDING' });
  });

  test('operators cancel at any time; the attendee is told', async () => {
    const session = at.session({ startsAt: inHours(1) });
    const { id, orderId } = await at.paid('asha', session);
    await at.do.cancel('operator', id);
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason: 'CANCELLED_BY_OPERATOR' });
    expect(await at.refunds(orderId)).toEqual([{ reason: 'OPERATOR', status: 'APPROVED', amount: 19_900 }]);
    expect(await at.stand.sql('select kind from notices where booking_id = $1', [id])).toEqual([
      { kind: 'BOOKING_CANCELLED' },
    ]);
  });
});

describe('a refund of the order', () => {
  test('gives the seat up under the same window, approved at once', async () => {
    const session = at.session();
    const { id, orderId } = await at.paid('asha', session);
    expect(await at.do.requestRefund('asha', orderId)).toMatchObject({ refund: { status: 'APPROVED' } });
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason: 'CANCELLED_BY_BUYER' });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });

  test('by an operator too, whenever', async () => {
    const { id, orderId } = await at.paid('asha', at.session({ startsAt: inHours(1) }));
    expect(await at.do.requestRefund('operator', orderId)).toMatchObject({ refund: { reason: 'OPERATOR' } });
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason: 'CANCELLED_BY_OPERATOR' });
  });

  test('settled, it makes the order REFUNDED and its item REVOKED; the booking stays cancelled', async () => {
    const { id, orderId } = await at.paid('asha', at.session());
    await at.do.cancel('asha', id);
    await at.settle(orderId);
    const order = await at.order(orderId);
    expect(order).toMatchObject({ status: 'REFUNDED', fulfilment: 'REVOKED', refundedMinor: 19_900n });
    expect(order.currentItems).toMatchObject([{ fulfilment: 'REVOKED' }]);
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', version: 3 });
  });

  test('made at the payment service without being asked, it ends the booking', async () => {
    const session = at.session();
    const { id, orderId } = await at.paid('asha', session);
    await at.settle(orderId);
    expect(await at.order(orderId)).toMatchObject({ status: 'REFUNDED' });
    expect(await at.status(id)).toMatchObject({ status: 'CANCELLED', reason: 'CANCELLED_BY_OPERATOR' });
    expect(await at.seats(session)).toEqual({ taken: 0, waiting: 0 });
  });
});
