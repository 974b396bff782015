import { beforeAll, describe, expect, test } from '@jest/globals';
import { CheckoutProvider, RefundStatus } from '../../../src/entities/enums.js';
import {
  availableActions,
  blockedReason,
  type OrderActionName,
  type ActionFacts,
} from '../../../src/entities/order-actions.js';
import { requestPayment } from '../../../src/entities/order-paying.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { OrderRefund } from '../../../src/entities/order-refund.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { idOf } from '../../support/ids.js';
import { attemptOf, knowEntities, paymentFact, placedOrder, pricedItem, TIMES } from '../../support/orders.js';
import { minutes, MINUTE } from '../../support/test-clock.js';

beforeAll(knowEntities);

const DAY = 24 * 60;

/** An order to which this has happened a minute after it was placed. */
function orderAfter(...news: readonly PaymentFactKind[]): Order {
  const order = placedOrder();
  for (const kind of news) recordPayment(order, paymentFact(kind, 'p1', minutes(1)), minutes(1), TIMES);
  return order;
}

/** What its owner sees two minutes after it was placed, unless said otherwise. */
function factsOf(order: Order, changes: Partial<ActionFacts> = {}): ActionFacts {
  const fixed = { isOwner: true, isOperator: false, refunds: [], refundWindowMs: 14 * DAY * MINUTE, now: minutes(2) };
  return { ...fixed, seat: null, attempts: order.attempts.getItems(), ...changes };
}

/** Why not, by action; null where it is allowed. */
function reasons(order: Order, changes: Partial<ActionFacts> = {}): Record<string, string | null> {
  const actions = availableActions(order, factsOf(order, changes));
  for (const { allowed, blockedReason } of actions) expect(allowed).toBe(blockedReason === null);
  return Object.fromEntries(actions.map(({ name, blockedReason }) => [name, blockedReason]));
}

/** A refund of the payment; of 100 rupees unless said. */
function refund(status: RefundStatus, amountMinor = 10_000n): OrderRefund {
  return Object.assign(new OrderRefund(), { status, amountMinor, paymentId: 'p1', itemIds: [] });
}

const WRONG = 'WRONG_STATUS';

describe('what the owner can do', () => {
  test.each<[string, () => Order, Record<string, string | null>]>([
    ['placed', () => orderAfter(), { PAY: null, CANCEL: null, RESTORE: WRONG, REQUEST_REFUND: WRONG }],
    [
      'a payment under way',
      () => orderAfter('initiated'),
      { PAY: null, CANCEL: null, RESTORE: WRONG, REQUEST_REFUND: WRONG },
    ],
    ['paid', () => orderAfter('succeeded'), { PAY: WRONG, CANCEL: WRONG, RESTORE: WRONG, REQUEST_REFUND: null }],
    ['failed', () => orderAfter('failed'), { PAY: WRONG, CANCEL: WRONG, RESTORE: null, REQUEST_REFUND: WRONG }],
    [
      'failed, then money came late',
      () => orderAfter('failed', 'succeeded'),
      { PAY: 'PAYMENT_IN_PROGRESS', CANCEL: WRONG, RESTORE: 'PAYMENT_IN_PROGRESS', REQUEST_REFUND: WRONG },
    ],
    [
      'free',
      () => placedOrder([pricedItem('gift', 0n)]),
      { PAY: WRONG, CANCEL: WRONG, RESTORE: WRONG, REQUEST_REFUND: 'NOTHING_TO_REFUND' },
    ],
  ])('%s', (_, order, expected) => {
    expect(reasons(order())).toEqual(expected);
  });

  test('a payment that the buyer finished blocks paying and cancelling until its result or its deadline', () => {
    const order = orderAfter('initiated');
    attemptOf(order, 'p1').confirmedAt = minutes(1);
    expect(reasons(order)).toMatchObject({ PAY: 'PAYMENT_IN_PROGRESS', CANCEL: 'PAYMENT_IN_PROGRESS' });
    expect(reasons(order, { now: minutes(14) })).toMatchObject({ PAY: null, CANCEL: null });
  });

  test('an order past its time cannot be paid, but cancelled', () => {
    expect(reasons(orderAfter(), { now: minutes(30) })).toMatchObject({ PAY: 'EXPIRED', CANCEL: null });
  });

  test('a live attempt extends the time to pay', () => {
    const order = placedOrder();
    const intent = {
      id: idOf('intent'),
      provider: CheckoutProvider.STRIPE,
      returnUrls: { successUrl: null, cancelUrl: null },
    };
    requestPayment(order, intent, minutes(29), TIMES);
    expect(reasons(order, { now: minutes(40.9) }).PAY).toBeNull();
    expect(reasons(order, { now: minutes(41) }).PAY).toBe('EXPIRED');
  });
});

describe('asking for a refund', () => {
  test('is possible until the window closes, to the millisecond', () => {
    const order = orderAfter('succeeded');
    const closes = 1 + 14 * DAY;
    expect(reasons(order, { now: minutes(closes) }).REQUEST_REFUND).toBeNull();
    expect(reasons(order, { now: new Date(minutes(closes).getTime() + 1) }).REQUEST_REFUND).toBe(
      'REFUND_WINDOW_CLOSED',
    );
  });

  test('the window is the owner’s: an operator may later', () => {
    const late = { now: minutes(365 * DAY), isOwner: false, isOperator: true };
    expect(reasons(orderAfter('succeeded'), late).REQUEST_REFUND).toBeNull();
  });

  test.each([
    [RefundStatus.REQUESTED, 'REFUND_OPEN'],
    [RefundStatus.APPROVED, 'REFUND_OPEN'],
    [RefundStatus.REJECTED, null],
    [RefundStatus.FAILED, null],
    [RefundStatus.SUCCEEDED, 'NOTHING_TO_REFUND'],
  ])('with an earlier one of the whole %s: %s', (status, reason) => {
    expect(reasons(orderAfter('succeeded'), { refunds: [refund(status, 49_900n)] }).REQUEST_REFUND).toBe(reason);
  });

  test('while a part is on its way back, the rest can be asked for', () => {
    const refunds = [refund(RefundStatus.APPROVED)];
    expect(reasons(orderAfter('succeeded'), { refunds }).REQUEST_REFUND).toBeNull();
    const both = [...refunds, refund(RefundStatus.SUCCEEDED, 39_900n)];
    expect(reasons(orderAfter('succeeded'), { refunds: both }).REQUEST_REFUND).toBe('REFUND_OPEN');
  });

  test('nothing is left when everything was given back', () => {
    const refunds = [refund(RefundStatus.SUCCEEDED), refund(RefundStatus.SUCCEEDED, 39_900n)];
    expect(reasons(orderAfter('succeeded'), { refunds }).REQUEST_REFUND).toBe('NOTHING_TO_REFUND');
    expect(reasons(orderAfter('succeeded'), { refunds: refunds.slice(1) }).REQUEST_REFUND).toBeNull();
  });

  test('a surplus payment that goes back is no refund of the order', () => {
    const surplus = Object.assign(refund(RefundStatus.APPROVED), { paymentId: 'p2' });
    expect(reasons(orderAfter('succeeded'), { refunds: [surplus] }).REQUEST_REFUND).toBeNull();
  });
});

describe('what others can do', () => {
  test('a stranger nothing', () => {
    const nobody = { isOwner: false };
    const all = { PAY: 'NOT_OWNER', CANCEL: 'NOT_OWNER', RESTORE: 'NOT_OWNER', REQUEST_REFUND: 'NOT_OWNER' };
    for (const order of [orderAfter(), orderAfter('succeeded'), orderAfter('failed')]) {
      expect(reasons(order, nobody)).toEqual(all);
    }
  });

  test('an operator cancels and refunds, but neither pays nor restores for the buyer', () => {
    const operator = { isOwner: false, isOperator: true };
    expect(reasons(orderAfter(), operator)).toMatchObject({ PAY: 'NOT_OWNER', CANCEL: null });
    expect(reasons(orderAfter('failed'), operator)).toMatchObject({ RESTORE: 'NOT_OWNER' });
    expect(reasons(orderAfter('succeeded'), operator)).toMatchObject({ REQUEST_REFUND: null });
  });
});

test('mutations refuse by the same rule that the list shows', () => {
  const order = orderAfter('succeeded');
  for (const [name, reason] of Object.entries(reasons(order))) {
    expect(blockedReason(name as OrderActionName, order, factsOf(order))).toBe(reason);
  }
});
