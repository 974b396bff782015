import { EventActor, OrderStatusReason, PaymentStatus } from '../../../src/entities/enums.js';
import { newAttempt } from '../../../src/entities/new-attempt.js';
import { cancelOrder } from '../../../src/entities/order-closing.js';
import { orderNumber } from '../../../src/entities/order-number.js';
import { placeOrder } from '../../../src/entities/order-placing.js';
import { restoreOrder } from '../../../src/entities/order-restoring.js';
import { isClosedUnpaid, isPayable, OrderStatus } from '../../../src/entities/order-status.js';
import type { Order } from '../../../src/entities/order.js';
import type { CaptureState, PaymentAttempt } from '../../../src/entities/payment-attempt.js';
import { idOf } from '../../support/ids.js';
import { pricedItem, TIMES } from '../../support/orders.js';
import { minutes, T0 } from '../../support/test-clock.js';

/** What the order is told. The last two: another capture stands on it; less than a minute is left to pay. */
export const EVENTS = [
  'initiated',
  'succeeded',
  'failed',
  'cancelled',
  'expired',
  'succeeded beside a capture',
  'expired at the end',
] as const;

/**
 * Which attempt the event is of: the only one we know (of a paid order: the one that paid it), one after another that
 * failed, one never heard of, one from before a restore, one never heard of on a restored order.
 */
export const ATTEMPTS = ['first', 'second', 'other', 'old', 'other, restored'] as const;

/** Whether another attempt may still succeed. */
export const LIVE = ['none', 'left'] as const;

/** One combination of the decision table. */
export interface PaymentCase {
  readonly name: string;
  readonly status: OrderStatus;
  readonly event: (typeof EVENTS)[number];
  readonly attempt: (typeof ATTEMPTS)[number];
  readonly live: (typeof LIVE)[number];
}

export const OLD_PRICE = 49_900n;
export const NEW_PRICE = 59_900n;

/** A paid order is in that state by a capture, so that every further success comes beside one. */
export const isPaid = (status: OrderStatus): boolean =>
  status === OrderStatus.SUCCEEDED || status === OrderStatus.REFUNDED;

/** Every combination over the states that orders rest in. */
export const PAYMENT_CASES: readonly PaymentCase[] = Object.values(OrderStatus)
  .filter((status) => status !== OrderStatus.CREATED)
  .flatMap((status) =>
    EVENTS.filter((event) => !(isPaid(status) && event === 'succeeded beside a capture')).flatMap((event) =>
      ATTEMPTS.flatMap((attempt) =>
        LIVE.map((live) => ({ name: [status, event, attempt, live].join(' | '), status, event, attempt, live })),
      ),
    ),
  );

/** The payment that a case is about, and the one that may still succeed. */
export const paymentOf = (one: PaymentCase, role: 'subject' | 'alive'): string => `${role} of ${one.name}`;
export const orderIdOf = (one: PaymentCase): string => idOf(`table ${one.name}`);

/** An order in the situation of a case, not yet written. */
export function orderIn(one: PaymentCase): Order {
  const order = place(one);
  if (one.attempt === 'old') addPending(order, paymentOf(one, 'subject'));
  if (one.attempt === 'old' || one.attempt === 'other, restored') restore(order, one);
  if (one.attempt === 'second') addPending(order, `earlier of ${one.name}`).state = PaymentStatus.FAILED;
  if (one.attempt === 'first' || one.attempt === 'second') addPending(order, paymentOf(one, 'subject'));
  if (one.live === 'left') addPending(order, paymentOf(one, 'alive'));
  if (one.event === 'succeeded beside a capture') capture(order, addPending(order, `late of ${one.name}`), 'UNDECIDED');
  if (one.event === 'expired at the end') order.payableUntil = minutes(1.5);
  order.status = one.status;
  if (isPaid(one.status)) markPaid(order, one);
  if (isClosedUnpaid(one.status)) order.claims.removeAll();
  if (!isPayable(one.status)) order.expiresAt = null;
  return order;
}

function place(one: PaymentCase): Order {
  const id = orderIdOf(one);
  return placeOrder({
    id,
    number: orderNumber(id),
    itemIds: [idOf(`item of ${one.name}`)],
    buyerId: idOf(`buyer of ${one.name}`),
    items: [pricedItem('algebra', OLD_PRICE)],
    couponCode: null,
    now: T0,
    payableUntil: minutes(30),
  });
}

function restore(order: Order, one: PaymentCase): void {
  const by = { actor: EventActor.BUYER, byId: order.buyerId, reason: OrderStatusReason.CANCELLED_BY_BUYER, note: null };
  cancelOrder(order, by, T0);
  restoreOrder(order, {
    items: [pricedItem('algebra', NEW_PRICE)],
    itemIds: [idOf(`new item of ${one.name}`)],
    couponCode: null,
    payableUntil: minutes(30),
    now: T0,
  });
}

function addPending(order: Order, paymentId: string): PaymentAttempt {
  const attempt = newAttempt(order, idOf(`attempt ${paymentId}`), null, T0, TIMES);
  Object.assign(attempt, { paymentId, state: PaymentStatus.PENDING });
  order.attempts.add(attempt);
  return attempt;
}

function capture(order: Order, attempt: PaymentAttempt, state: CaptureState): void {
  Object.assign(attempt, { state: PaymentStatus.SUCCEEDED, capture: state });
  order.capturedMinor += attempt.amountMinor;
}

function markPaid(order: Order, one: PaymentCase): void {
  const known = order.attempts.getItems().find(({ paymentId }) => paymentId === paymentOf(one, 'subject'));
  const payer = one.attempt === 'first' && known ? known : addPending(order, `payer of ${one.name}`);
  capture(order, payer, 'ACCEPTED');
  order.paidAt = T0;
  if (one.status === OrderStatus.REFUNDED) order.refundedMinor = order.capturedMinor;
}
