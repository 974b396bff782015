import { beforeAll, describe, expect, test } from '@jest/globals';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import { requestPayment } from '../../../src/entities/order-paying.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { idOf } from '../../support/ids.js';
import {
  attemptOf,
  knowEntities,
  paymentFact,
  placedOrder,
  pricedItem,
  takeRecorded,
  TIMES,
} from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

beforeAll(knowEntities);

/** A new order, its placing already written. */
function fresh(): Order {
  const order = placedOrder();
  takeRecorded(order);
  return order;
}

/** Tells the order something about a payment, `at` minutes after it was placed. */
const tell = (order: Order, kind: PaymentFactKind, paymentId: string, at: number) =>
  recordPayment(order, paymentFact(kind, paymentId, minutes(at)), minutes(at), TIMES);

const typesOf = (order: Order) => takeRecorded(order).events.map(({ type }) => type);
const sagasOf = (order: Order) => takeRecorded(order).sagas.map(({ step, subjectId }) => [step, subjectId]);
const cancelOf = (order: Order, paymentId: string) => ['CANCEL', attemptOf(order, paymentId).id];

describe('the ordinary way', () => {
  test('initiated: the order is in processing and waits as long as the payment and its grace', () => {
    const order = fresh();
    expect(tell(order, 'initiated', 'p1', 25)).toBe('applied');
    expect([order.status, order.version, order.expiresAt]).toEqual(['PROCESSING', 2, minutes(37)]);
    expect(takeRecorded(order).events).toMatchObject([
      {
        type: 'PAYMENT_INITIATED',
        from: 'PENDING_PAYMENT',
        to: 'PROCESSING',
        actor: 'PAYMENT_SERVICE',
        paymentId: 'p1',
      },
    ]);
  });

  test('succeeded: paid, captured, being delivered, never expiring', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 1);
    takeRecorded(order);
    expect(tell(order, 'succeeded', 'p1', 3)).toBe('applied');
    expect(order).toMatchObject({
      status: 'SUCCEEDED',
      fulfilment: 'IN_PROGRESS',
      capturedMinor: 49_900n,
      paidAt: minutes(3),
      expiresAt: null,
      version: 4,
    });
    expect(attemptOf(order, 'p1')).toMatchObject({ state: 'SUCCEEDED', capture: 'ACCEPTED' });
    expect(order.claims).toHaveLength(1);
    const { events, sagas } = takeRecorded(order);
    expect(events.map(({ type, version }) => [type, version])).toEqual([
      ['PAYMENT_SUCCEEDED', 3],
      ['SUCCEEDED', 4],
    ]);
    expect(sagas).toMatchObject([{ kind: 'PURCHASE', step: 'AWAIT_ENROLMENT' }]);
  });

  test.each([
    ['failed', 'FAILED', 'PAYMENT_DECLINED'],
    ['cancelled', 'FAILED', 'PAYMENT_CANCELLED'],
  ] as const)(
    '%s: the order failed with the reason, lets its products go and can expire no more',
    (kind, status, reason) => {
      const order = fresh();
      tell(order, 'initiated', 'p1', 1);
      tell(order, kind, 'p1', 2);
      expect([order.status, order.statusReason, order.expiresAt]).toEqual([status, reason, null]);
      expect(order.claims).toHaveLength(0);
      expect(typesOf(order)).toEqual([
        'PAYMENT_INITIATED',
        kind === 'failed' ? 'PAYMENT_FAILED' : 'PAYMENT_CANCELLED',
        'FAILED',
      ]);
    },
  );

  test('timed out with a minute left: payable again until the old deadline', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 18);
    takeRecorded(order);
    tell(order, 'expired', 'p1', 29);
    expect([order.status, order.statusReason, order.expiresAt]).toEqual([
      'PENDING_PAYMENT',
      'PAYMENT_TIMED_OUT',
      minutes(30),
    ]);
    expect(order.claims).toHaveLength(1);
    expect(typesOf(order)).toEqual(['PAYMENT_EXPIRED']);
  });

  test('timed out with less than a minute left: the order is expired', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 19);
    takeRecorded(order);
    tell(order, 'expired', 'p1', 29.1);
    expect([order.status, order.statusReason, order.expiresAt]).toEqual(['EXPIRED', 'PAYMENT_TIMED_OUT', null]);
    expect(order.claims).toHaveLength(0);
    expect(typesOf(order)).toEqual(['PAYMENT_EXPIRED', 'EXPIRED']);
  });
});

describe('any order of arrival', () => {
  test('success before initiated: paid, and the late initiated is known already', () => {
    const order = fresh();
    expect(tell(order, 'succeeded', 'p1', 2)).toBe('applied');
    expect(tell(order, 'initiated', 'p1', 1)).toBe('known');
    expect([order.status, order.capturedMinor, order.version]).toEqual(['SUCCEEDED', 49_900n, 3]);
    expect(typesOf(order)).toEqual(['PAYMENT_SUCCEEDED', 'SUCCEEDED']);
  });

  test.each(['initiated', 'succeeded', 'failed', 'cancelled', 'expired'] as const)('%s twice counts once', (kind) => {
    const order = fresh();
    tell(order, kind, 'p1', 1);
    const before = [order.status, order.version, order.capturedMinor];
    takeRecorded(order);
    expect(tell(order, kind, 'p1', 2)).toBe('known');
    expect([order.status, order.version, order.capturedMinor]).toEqual(before);
    expect(takeRecorded(order)).toEqual({ events: [], sagas: [], refunds: 0 });
    expect(order.attempts).toHaveLength(1);
  });

  test.each(['failed', 'cancelled', 'expired'] as const)(
    '%s after success is an anomaly and changes nothing',
    (kind) => {
      const order = fresh();
      tell(order, 'succeeded', 'p1', 1);
      takeRecorded(order);
      expect(tell(order, kind, 'p1', 2)).toBe('anomaly');
      expect([order.status, attemptOf(order, 'p1').state]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect(takeRecorded(order)).toEqual({ events: [], sagas: [], refunds: 0 });
    },
  );

  test('an end after another end of the same payment changes nothing', () => {
    const order = fresh();
    tell(order, 'cancelled', 'p1', 1);
    expect(tell(order, 'failed', 'p1', 2)).toBe('known');
    expect([order.statusReason, attemptOf(order, 'p1').state]).toEqual(['PAYMENT_CANCELLED', 'CANCELLED']);
  });

  test('a repeat fills in what was missing, without a new version', () => {
    const order = fresh();
    const bare = { ...paymentFact('initiated', 'p1', minutes(1)), provider: null, providerOrderId: null };
    recordPayment(order, bare, minutes(1), TIMES);
    expect(attemptOf(order, 'p1').provider).toBeNull();
    tell(order, 'initiated', 'p1', 2);
    expect(attemptOf(order, 'p1')).toMatchObject({ provider: 'STRIPE', providerOrderId: 'session of p1' });
    expect(order.version).toBe(2);
  });

  test('an event of an intent that was not answered yet is an attempt beside it', () => {
    const order = fresh();
    const intent = {
      id: idOf('intent'),
      provider: CheckoutProvider.STRIPE,
      returnUrls: { successUrl: null, cancelUrl: null },
    };
    requestPayment(order, intent, minutes(1), TIMES);
    tell(order, 'initiated', 'p1', 1);
    expect(order.attempts.getItems().map(({ paymentId, state }) => [paymentId, state])).toEqual([
      [null, 'INTENT'],
      ['p1', 'PENDING'],
    ]);
    expect(sagasOf(order)).toEqual([['START', idOf('intent')]]);
  });

  test('an intent is never cancelled and cancels nothing, though its clock says it is the newer one', () => {
    const order = fresh();
    const intent = {
      id: idOf('intent'),
      provider: CheckoutProvider.STRIPE,
      returnUrls: { successUrl: null, cancelUrl: null },
    };
    requestPayment(order, intent, minutes(2), TIMES);
    takeRecorded(order);
    // The payment service's clock is a second behind ours.
    recordPayment(order, paymentFact('initiated', 'p1', minutes(1.98)), minutes(2), TIMES);
    expect(order.status).toBe('PROCESSING');
    expect(sagasOf(order)).toEqual([]);
  });
});

describe('two attempts', () => {
  test('the second initiated keeps the order in processing and cancels the older', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    expect(order.status).toBe('PROCESSING');
    expect(sagasOf(order)).toEqual([cancelOf(order, 'p1')]);
  });

  test('an older one that is heard of later is the one that is cancelled', () => {
    const order = fresh();
    tell(order, 'initiated', 'p2', 2);
    recordPayment(order, paymentFact('initiated', 'p1', minutes(1)), minutes(3), TIMES);
    expect(sagasOf(order)).toEqual([cancelOf(order, 'p1')]);
  });

  test('one fails while the other lives: nothing happens to the order; the last one fails it', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    tell(order, 'failed', 'p1', 3);
    expect(order.status).toBe('PROCESSING');
    tell(order, 'failed', 'p2', 4);
    expect([order.status, order.statusReason]).toEqual(['FAILED', 'PAYMENT_DECLINED']);
  });

  test('one that is past its deadline counts as dead', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    tell(order, 'failed', 'p2', 13);
    expect(order.status).toBe('FAILED');
  });

  test('one succeeds: the other is cancelled at the payment service', () => {
    const order = fresh();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    takeRecorded(order);
    tell(order, 'succeeded', 'p2', 3);
    expect(sagasOf(order)).toEqual([['AWAIT_ENROLMENT', null], cancelOf(order, 'p1')]);
  });

  test('both succeed: the further capture is given back whole, approved at once, and the order stays paid', () => {
    const order = fresh();
    tell(order, 'succeeded', 'p1', 1);
    takeRecorded(order);
    tell(order, 'succeeded', 'p2', 2);
    expect([order.status, order.paidAt, order.capturedMinor]).toEqual(['SUCCEEDED', minutes(1), 99_800n]);
    expect(order.attempts.getItems().map(({ capture }) => capture)).toEqual(['ACCEPTED', 'RETURNED']);
    expect(order.newRefunds).toMatchObject([
      {
        paymentId: 'p2',
        status: 'APPROVED',
        reason: 'DUPLICATE_PAYMENT',
        amountMinor: 49_900n,
        itemIds: [],
        settledAt: null,
      },
    ]);
    const { events, sagas } = takeRecorded(order);
    expect(events.map(({ type }) => type)).toEqual(['PAYMENT_SUCCEEDED', 'REFUND_APPROVED']);
    expect(sagas).toMatchObject([{ kind: 'REFUND', step: 'AWAIT_SETTLEMENT', dueAt: minutes(2 + 24 * 60) }]);
  });

  test('a payment started on a paid order is cancelled', () => {
    const order = fresh();
    tell(order, 'succeeded', 'p1', 1);
    takeRecorded(order);
    tell(order, 'initiated', 'p2', 2);
    expect(order.status).toBe('SUCCEEDED');
    expect(sagasOf(order)).toEqual([cancelOf(order, 'p2')]);
  });
});

describe('late and strange money', () => {
  test('success on a closed order only records the capture; a saga decides', () => {
    const order = fresh();
    tell(order, 'failed', 'p1', 1);
    takeRecorded(order);
    tell(order, 'succeeded', 'p1', 2);
    expect([order.status, order.capturedMinor, order.paidAt]).toEqual(['FAILED', 49_900n, null]);
    expect(attemptOf(order, 'p1')).toMatchObject({ state: 'SUCCEEDED', capture: 'UNDECIDED' });
    expect(sagasOf(order)).toEqual([['DECIDE_LATE_MONEY', attemptOf(order, 'p1').id]]);
  });

  test('while late money is undecided, a further capture goes back', () => {
    const order = fresh();
    tell(order, 'failed', 'p1', 1);
    tell(order, 'succeeded', 'p1', 2);
    takeRecorded(order);
    tell(order, 'succeeded', 'p2', 3);
    expect(order.attempts.getItems().map(({ capture }) => capture)).toEqual(['UNDECIDED', 'RETURNED']);
    expect(takeRecorded(order)).toMatchObject({ refunds: 1, events: [{}, { type: 'REFUND_APPROVED' }] });
  });

  test('money for a free order goes back', () => {
    const order = placedOrder([pricedItem('gift', 0n), pricedItem('other', 0n)]);
    takeRecorded(order);
    tell(order, 'succeeded', 'p1', 1);
    expect(attemptOf(order, 'p1').capture).toBe('RETURNED');
    expect(order.status).toBe('SUCCEEDED');
  });

  test.each([
    ['the time of the event', 2, 2],
    ['the time of the event, up to 5 minutes ahead of ours', 14, 14],
    ['ours, when the event claims to be from before the order', -1, 10],
    ['ours, when the event claims to be from the far future', 15.1, 10],
  ])('paidAt is %s', (_, eventTime, paidAt) => {
    const order = fresh();
    recordPayment(order, paymentFact('succeeded', 'p1', minutes(eventTime)), minutes(10), TIMES);
    expect(order.paidAt).toEqual(minutes(paidAt));
  });
});
