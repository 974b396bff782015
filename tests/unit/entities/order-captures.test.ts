import { beforeAll, describe, expect, test } from '@jest/globals';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import {
  attemptOf,
  freshOrder,
  knowEntities,
  paymentFact,
  placedOrder,
  pricedItem,
  startedSagas,
  takeRecorded,
  tell,
  TIMES,
} from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

beforeAll(knowEntities);

const cancelOf = (order: Order, paymentId: string) => ['CANCEL', attemptOf(order, paymentId).id];

describe('two attempts', () => {
  test('the second initiated keeps the order in processing and cancels the older', () => {
    const order = freshOrder();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    expect(order.status).toBe('PROCESSING');
    expect(startedSagas(order)).toEqual([cancelOf(order, 'p1')]);
  });

  test('an older one that is heard of later is the one that is cancelled', () => {
    const order = freshOrder();
    tell(order, 'initiated', 'p2', 2);
    recordPayment(order, paymentFact('initiated', 'p1', minutes(1)), minutes(3), TIMES);
    expect(startedSagas(order)).toEqual([cancelOf(order, 'p1')]);
  });

  test('one fails while the other lives: nothing happens to the order; the last one fails it', () => {
    const order = freshOrder();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    tell(order, 'failed', 'p1', 3);
    expect(order.status).toBe('PROCESSING');
    tell(order, 'failed', 'p2', 4);
    expect([order.status, order.statusReason]).toEqual(['FAILED', 'PAYMENT_DECLINED']);
  });

  test('one that is past its deadline counts as dead', () => {
    const order = freshOrder();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    tell(order, 'failed', 'p2', 13);
    expect(order.status).toBe('FAILED');
  });

  test('one succeeds: the other is cancelled at the payment service', () => {
    const order = freshOrder();
    tell(order, 'initiated', 'p1', 1);
    tell(order, 'initiated', 'p2', 2);
    takeRecorded(order);
    tell(order, 'succeeded', 'p2', 3);
    expect(startedSagas(order)).toEqual([['AWAIT_ENROLMENT', null], cancelOf(order, 'p1')]);
  });

  test('both succeed: the further capture is given back whole, approved at once, and the order stays paid', () => {
    const order = freshOrder();
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
    expect(sagas).toMatchObject([{ kind: 'REFUND', step: 'AWAIT_SETTLEMENT', dueAt: minutes(2) }]);
  });

  test('a payment started on a paid order is cancelled', () => {
    const order = freshOrder();
    tell(order, 'succeeded', 'p1', 1);
    takeRecorded(order);
    tell(order, 'initiated', 'p2', 2);
    expect(order.status).toBe('SUCCEEDED');
    expect(startedSagas(order)).toEqual([cancelOf(order, 'p2')]);
  });
});

describe('late and strange money', () => {
  test('success on a closed order only records the capture; a saga decides', () => {
    const order = freshOrder();
    tell(order, 'failed', 'p1', 1);
    takeRecorded(order);
    tell(order, 'succeeded', 'p1', 2);
    expect([order.status, order.capturedMinor, order.paidAt]).toEqual(['FAILED', 49_900n, null]);
    expect(attemptOf(order, 'p1')).toMatchObject({ state: 'SUCCEEDED', capture: 'UNDECIDED' });
    expect(startedSagas(order)).toEqual([['DECIDE_LATE_MONEY', attemptOf(order, 'p1').id]]);
  });

  test('while late money is undecided, a further capture goes back', () => {
    const order = freshOrder();
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
    const order = freshOrder();
    recordPayment(order, paymentFact('succeeded', 'p1', minutes(eventTime)), minutes(10), TIMES);
    expect(order.paidAt).toEqual(minutes(paidAt));
  });
});
