import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ProductKind } from '../../../src/entities/enums.js';
import { markStuck, missingItems, recordEnrolment } from '../../../src/entities/order-fulfilment.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import { idOf } from '../../support/ids.js';
import { knowEntities, paymentFact, placedOrder, pricedItem, takeRecorded, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

beforeAll(knowEntities);

let order: Order;
beforeEach(() => {
  order = placedOrder([pricedItem('algebra'), pricedItem('geometry')]);
  recordPayment(order, paymentFact('succeeded', 'p1', minutes(1)), minutes(1), TIMES);
  takeRecorded(order);
});

const enrol = (name: string, at: number) => recordEnrolment(order, idOf(name), minutes(at - 1), minutes(at));

describe('confirmations of enrolment', () => {
  test('mark one item after the other; the last one makes the order fulfilled', () => {
    expect(enrol('geometry', 2)).toBe('fulfilled');
    expect([order.fulfilment, missingItems(order).map(({ title }) => title)]).toEqual(['IN_PROGRESS', ['algebra']]);
    expect(enrol('algebra', 3)).toBe('fulfilled');
    expect([order.fulfilment, order.status, missingItems(order)]).toEqual(['FULFILLED', 'SUCCEEDED', []]);
    expect(
      takeRecorded(order).events.map(({ type, version, actor, itemId }) => [type, version, actor, itemId]),
    ).toEqual([
      ['ITEM_FULFILLED', 4, 'COURSE_SERVICE', idOf('order item 1')],
      ['ITEM_FULFILLED', 5, 'COURSE_SERVICE', idOf('order item 0')],
      ['FULFILLED', 6, 'SYSTEM', undefined],
    ]);
  });

  test('happened when the course service says', () => {
    enrol('algebra', 3);
    expect(takeRecorded(order).events[0]).toMatchObject({ occurredAt: minutes(2) });
  });

  test('a repeat changes nothing', () => {
    enrol('algebra', 2);
    takeRecorded(order);
    expect(enrol('algebra', 3)).toBe('known');
    expect([order.version, takeRecorded(order).events]).toEqual([4, []]);
  });

  test('of a course that is not in the order changes nothing', () => {
    expect(enrol('history', 2)).toBe('notInOrder');
    expect(takeRecorded(order).events).toEqual([]);
  });

  test('of a live session is none of the course service’s', () => {
    const session = placedOrder([pricedItem('webinar', 100n, { kind: ProductKind.SESSION })]);
    expect(recordEnrolment(session, idOf('webinar'), minutes(1), minutes(1))).toBe('notInOrder');
  });

  test('on an order that is not paid mark the item only: the caller raises an alert', () => {
    const unpaid = placedOrder([pricedItem('algebra')], 'unpaid');
    expect(recordEnrolment(unpaid, idOf('algebra'), minutes(1), minutes(1))).toBe('notPaid');
    expect([unpaid.status, unpaid.fulfilment, unpaid.currentItems[0]?.fulfilment]).toEqual([
      'PENDING_PAYMENT',
      'NOT_STARTED',
      'FULFILLED',
    ]);
  });
});

describe('an item that was delivered before the payment', () => {
  const early = (...names: readonly string[]) =>
    placedOrder(
      names.map((name) => pricedItem(name)),
      `early ${names.join()}`,
    );
  const pay = (one: Order) => recordPayment(one, paymentFact('succeeded', 'p2', minutes(2)), minutes(2), TIMES);

  test('is delivered once: when it is paid, the order is fulfilled', () => {
    const one = early('algebra');
    recordEnrolment(one, idOf('algebra'), minutes(1), minutes(1));
    pay(one);
    expect([one.status, one.fulfilment, one.currentItems[0]?.fulfilment]).toEqual([
      'SUCCEEDED',
      'FULFILLED',
      'FULFILLED',
    ]);
    expect(recordEnrolment(one, idOf('algebra'), minutes(3), minutes(3))).toBe('known');
    const types = takeRecorded(one).events.map(({ type }) => type);
    expect(types).toEqual(['PLACED', 'ITEM_FULFILLED', 'PAYMENT_SUCCEEDED', 'SUCCEEDED', 'FULFILLED']);
  });

  test('leaves the others awaited', () => {
    const one = early('algebra', 'geometry');
    recordEnrolment(one, idOf('algebra'), minutes(1), minutes(1));
    pay(one);
    expect(one.fulfilment).toBe('IN_PROGRESS');
    expect(missingItems(one).map(({ productId }) => productId)).toEqual([idOf('geometry')]);
    expect(recordEnrolment(one, idOf('geometry'), minutes(3), minutes(3))).toBe('fulfilled');
    expect(one.fulfilment).toBe('FULFILLED');
  });
});

describe('a delivery that does not come', () => {
  test('is stuck: what is missing and the order, not what came', () => {
    enrol('algebra', 2);
    takeRecorded(order);
    markStuck(order, missingItems(order), minutes(20));
    expect([order.fulfilment, order.currentItems.map(({ fulfilment }) => fulfilment)]).toEqual([
      'STUCK',
      ['FULFILLED', 'STUCK'],
    ]);
    expect(takeRecorded(order).events).toMatchObject([{ type: 'FULFILMENT_STUCK', version: 5, actor: 'SYSTEM' }]);
  });

  test('a confirmation after all ends it', () => {
    markStuck(order, missingItems(order), minutes(20));
    enrol('algebra', 21);
    expect([order.fulfilment, missingItems(order).length]).toEqual(['STUCK', 1]);
    enrol('geometry', 22);
    expect(order.fulfilment).toBe('FULFILLED');
  });
});
