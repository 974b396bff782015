import { beforeAll, describe, expect, test } from '@jest/globals';
import { bookingActions, type BookingFacts } from '../../../src/entities/booking-actions.js';
import { bookSeat, confirmBooking } from '../../../src/entities/booking-life.js';
import { SessionBookingStatus } from '../../../src/entities/booking-status.js';
import { EventActor } from '../../../src/entities/enums.js';
import { Money } from '../../../src/entities/money.js';
import { availableActions, type ActionFacts } from '../../../src/entities/order-actions.js';
import { cancelOrder } from '../../../src/entities/order-closing.js';
import { confirmAttempt } from '../../../src/entities/order-paying.js';
import { liveBooking } from '../../../src/entities/order-seat.js';
import { ProductKind, OrderStatusReason } from '../../../src/entities/enums.js';
import type { Order } from '../../../src/entities/order.js';
import type { SessionBooking } from '../../../src/entities/session-booking.js';
import { idOf } from '../../support/ids.js';
import { attemptOf, BUYER, knowEntities, placedOrder, pricedItem, tell, withSeat } from '../../support/orders.js';
import { present } from '../../support/present.js';
import { MINUTE, minutes, T0 } from '../../support/test-clock.js';

beforeAll(knowEntities);

const DAY = 24 * 60;
const BY_BUYER = { actor: EventActor.BUYER, byId: BUYER };

/** An order of a seat, and the booking that holds it. */
function heldSeat(): { order: Order; booking: SessionBooking } {
  const order = withSeat(placedOrder([pricedItem('webinar', 5_000n, { kind: ProductKind.SESSION })]));
  return { order, booking: present(liveBooking(order)) };
}

function factsOf(order: Order | null, changes: Partial<BookingFacts> = {}): BookingFacts {
  const fixed = { isOwner: true, isOperator: false, startsAt: minutes(3 * DAY), cancellationMs: DAY * MINUTE };
  const now = changes.now ?? minutes(2);
  const owner = { isOwner: changes.isOwner ?? true, isOperator: changes.isOperator ?? false };
  const facts = order && orderFacts(order, { ...owner, now });
  return { ...fixed, order: order && facts && { order, facts }, ...changes, now };
}

function orderFacts(order: Order, changes: Partial<ActionFacts> = {}): ActionFacts {
  const fixed = { isOwner: true, isOperator: false, refunds: [], refundWindowMs: 14 * DAY * MINUTE, seat: null };
  return { ...fixed, attempts: order.attempts.getItems(), now: minutes(2), ...changes };
}

/** Why not, by action; null where it is allowed. */
const reasons = (booking: SessionBooking, facts: BookingFacts) =>
  Object.fromEntries(bookingActions(booking, facts).map(({ name, blockedReason }) => [name, blockedReason]));

describe('a held seat', () => {
  test('can be paid and cancelled by its attendee', () => {
    const { order, booking } = heldSeat();
    expect(reasons(booking, factsOf(order))).toEqual({ PAY: null, CANCEL: null });
  });

  test('by nobody else; by an operator it can be cancelled', () => {
    const { order, booking } = heldSeat();
    expect(reasons(booking, factsOf(order, { isOwner: false }))).toEqual({ PAY: 'NOT_OWNER', CANCEL: 'NOT_OWNER' });
    expect(reasons(booking, factsOf(order, { isOwner: false, isOperator: true }))).toEqual({
      PAY: 'NOT_OWNER',
      CANCEL: null,
    });
  });

  test('neither while the result of a payment is awaited', () => {
    const { order, booking } = heldSeat();
    tell(order, 'initiated', 'p1', 1);
    confirmAttempt(order, attemptOf(order, 'p1'), minutes(1));
    const reason = 'PAYMENT_IN_PROGRESS';
    expect(reasons(booking, factsOf(order))).toEqual({ PAY: reason, CANCEL: reason });
  });

  test('neither once it has ended', () => {
    const { order, booking } = heldSeat();
    cancelOrder(order, { ...BY_BUYER, reason: OrderStatusReason.CANCELLED_BY_BUYER, note: null }, minutes(1));
    expect(reasons(booking, factsOf(order))).toEqual({ PAY: 'WRONG_STATUS', CANCEL: 'WRONG_STATUS' });
  });
});

describe('a paid seat', () => {
  function paidSeat() {
    const held = heldSeat();
    tell(held.order, 'succeeded', 'p1', 1);
    return held;
  }

  test.each([
    ['two days before', 1 * DAY, null],
    ['a day before, to the minute', 2 * DAY, null],
    ['a minute later', 2 * DAY + 1, 'CANCELLATION_WINDOW_CLOSED'],
    ['after it began', 3 * DAY + 1, 'CANCELLATION_WINDOW_CLOSED'],
  ])('can be cancelled until a day before the session: %s', (_, at, reason) => {
    const { order, booking } = paidSeat();
    const now = minutes(at);
    expect(reasons(booking, factsOf(order, { now }))['CANCEL']).toBe(reason);
    const seat = { status: booking.status, startsAt: minutes(3 * DAY), cancellationMs: DAY * MINUTE };
    const refund = availableActions(order, orderFacts(order, { seat, now })).find(
      ({ name }) => name === 'REQUEST_REFUND',
    );
    expect(refund?.blockedReason ?? null).toBe(reason);
  });

  test('always where no time is told, and by operators', () => {
    const { order, booking } = paidSeat();
    expect(reasons(booking, factsOf(order, { startsAt: null }))['CANCEL']).toBeNull();
    expect(reasons(booking, factsOf(order, { now: minutes(9 * DAY), isOperator: true }))['CANCEL']).toBeNull();
  });

  test.each([
    [SessionBookingStatus.COMPLETED, 'CANCELLATION_WINDOW_CLOSED'],
    [SessionBookingStatus.CANCELLED, null],
  ])('asked back when its booking is %s', (status, reason) => {
    const { order } = paidSeat();
    const seat = { status, startsAt: T0, cancellationMs: DAY * MINUTE };
    const refund = availableActions(order, orderFacts(order, { seat })).find(({ name }) => name === 'REQUEST_REFUND');
    expect(refund?.blockedReason ?? null).toBe(reason);
  });
});

test('a free seat costs nothing: there is nothing to pay', () => {
  const seat = { id: idOf('b'), sessionId: idOf('s'), attendeeId: BUYER, orderId: null, title: null, now: T0 };
  const booking = bookSeat({ ...seat, price: new Money(0n, 'INR') }, BY_BUYER);
  confirmBooking(booking, T0);
  expect(reasons(booking, factsOf(null))).toEqual({ PAY: 'NOT_PRICED', CANCEL: null });
});
