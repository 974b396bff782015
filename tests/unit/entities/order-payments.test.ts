import { beforeAll, describe, expect, test } from '@jest/globals';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import { requestPayment } from '../../../src/entities/order-paying.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import { idOf } from '../../support/ids.js';
import {
  attemptOf,
  freshOrder,
  knowEntities,
  paymentFact,
  startedSagas,
  takeRecorded,
  tell,
  TIMES,
} from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

beforeAll(knowEntities);

const typesOf = (order: Order) => takeRecorded(order).events.map(({ type }) => type);

describe('the ordinary way', () => {
  test('initiated: the order is in processing and waits as long as the payment and its grace', () => {
    const order = freshOrder();
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
    const order = freshOrder();
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
      const order = freshOrder();
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
    const order = freshOrder();
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
    const order = freshOrder();
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
    const order = freshOrder();
    expect(tell(order, 'succeeded', 'p1', 2)).toBe('applied');
    expect(tell(order, 'initiated', 'p1', 1)).toBe('known');
    expect([order.status, order.capturedMinor, order.version]).toEqual(['SUCCEEDED', 49_900n, 3]);
    expect(typesOf(order)).toEqual(['PAYMENT_SUCCEEDED', 'SUCCEEDED']);
  });

  test.each(['initiated', 'succeeded', 'failed', 'cancelled', 'expired'] as const)('%s twice counts once', (kind) => {
    const order = freshOrder();
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
      const order = freshOrder();
      tell(order, 'succeeded', 'p1', 1);
      takeRecorded(order);
      expect(tell(order, kind, 'p1', 2)).toBe('anomaly');
      expect([order.status, attemptOf(order, 'p1').state]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      expect(takeRecorded(order)).toEqual({ events: [], sagas: [], refunds: 0 });
    },
  );

  test('an end after another end of the same payment changes nothing', () => {
    const order = freshOrder();
    tell(order, 'cancelled', 'p1', 1);
    expect(tell(order, 'failed', 'p1', 2)).toBe('known');
    expect([order.statusReason, attemptOf(order, 'p1').state]).toEqual(['PAYMENT_CANCELLED', 'CANCELLED']);
  });

  test('a repeat fills in what was missing, without a new version', () => {
    const order = freshOrder();
    const bare = { ...paymentFact('initiated', 'p1', minutes(1)), provider: null, providerOrderId: null };
    recordPayment(order, bare, minutes(1), TIMES);
    expect(attemptOf(order, 'p1').provider).toBeNull();
    tell(order, 'initiated', 'p1', 2);
    expect(attemptOf(order, 'p1')).toMatchObject({ provider: 'STRIPE', providerOrderId: 'session of p1' });
    expect(order.version).toBe(2);
  });

  test('an event of an intent that was not answered yet is an attempt beside it', () => {
    const order = freshOrder();
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
    expect(startedSagas(order)).toEqual([['START', idOf('intent')]]);
  });

  test('an intent is never cancelled and cancels nothing, though its clock says it is the newer one', () => {
    const order = freshOrder();
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
    expect(startedSagas(order)).toEqual([]);
  });
});
