import { beforeAll, describe, expect, test } from '@jest/globals';
import { EventActor } from '../../../src/entities/enums.js';
import { Money } from '../../../src/entities/money.js';
import { OrderEventType } from '../../../src/entities/order-event.js';
import { claimProducts } from '../../../src/entities/order-placing.js';
import { close } from '../../../src/entities/payment/payment-effects.js';
import { OrderStatus } from '../../../src/entities/order-status.js';
import { idOf } from '../../support/ids.js';
import { BUYER, knowEntities, placedOrder, pricedItem, takeRecorded } from '../../support/orders.js';
import { minutes, T0 } from '../../support/test-clock.js';

beforeAll(knowEntities);

const reduced = pricedItem('geometry', 30_000n, { listPrice: new Money(45_000n, 'INR') });

describe('an order that is placed', () => {
  test('sums up its items: list prices, discounts, what is to be paid', () => {
    const order = placedOrder([pricedItem('algebra', 49_900n), reduced]);
    expect({
      subtotal: order.subtotal,
      discount: order.discount,
      tax: order.tax,
      total: order.total,
      captured: order.captured,
      refunded: order.refunded,
    }).toEqual({
      subtotal: new Money(94_900n, 'INR'),
      discount: new Money(15_000n, 'INR'),
      tax: Money.zero('INR'),
      total: new Money(79_900n, 'INR'),
      captured: Money.zero('INR'),
      refunded: Money.zero('INR'),
    });
  });

  test('waits for its payment until its deadline', () => {
    const { status, fulfilment, version, revision, placedAt, payableUntil, expiresAt, paidAt } = placedOrder();
    expect({ status, fulfilment, version, revision }).toEqual({
      status: 'PENDING_PAYMENT',
      fulfilment: 'NOT_STARTED',
      version: 1,
      revision: 1,
    });
    expect([placedAt, payableUntil, expiresAt, paidAt]).toEqual([T0, minutes(30), minutes(30), null]);
  });

  test('keeps its items in the order of the cart, as they were priced', () => {
    const items = placedOrder([pricedItem('b'), reduced, pricedItem('a')]).currentItems;
    expect(items.map(({ title, position }) => [title, position])).toEqual([
      ['b', 0],
      ['geometry', 1],
      ['a', 2],
    ]);
    expect(items[1]).toMatchObject({
      id: idOf('order item 1'),
      revision: 1,
      listPrice: new Money(45_000n, 'INR'),
      discount: new Money(15_000n, 'INR'),
      price: new Money(30_000n, 'INR'),
      fulfilment: 'NOT_STARTED',
    });
  });

  test('claims each product for the buyer', () => {
    const order = placedOrder([pricedItem('algebra'), reduced]);
    expect(order.claims.getItems().map(({ buyerId, kind, productId }) => [buyerId, kind, productId])).toEqual([
      [BUYER, 'COURSE', idOf('algebra')],
      [BUYER, 'COURSE', idOf('geometry')],
    ]);
  });

  test('says so by one event of the buyer and starts no saga', () => {
    const { events, sagas, refunds } = takeRecorded(placedOrder());
    expect(events).toMatchObject([
      { type: 'PLACED', version: 1, from: null, to: 'PENDING_PAYMENT', actor: 'BUYER', byId: BUYER, occurredAt: T0 },
    ]);
    expect([sagas, refunds]).toEqual([[], 0]);
  });

  test('takes its products again after it had ended', () => {
    const order = placedOrder([pricedItem('algebra'), reduced]);
    close(order, { actor: EventActor.SYSTEM, byId: null }, minutes(5));
    expect(order.claims).toHaveLength(0);
    claimProducts(order, minutes(5));
    expect(order.claims.getItems().map(({ productId, claimedAt }) => [productId, claimedAt])).toEqual([
      [idOf('algebra'), minutes(5)],
      [idOf('geometry'), minutes(5)],
    ]);
  });
});

describe('a free order', () => {
  test('is paid at once: succeeded, being delivered, its products kept', () => {
    const order = placedOrder([pricedItem('gift', 0n), pricedItem('other gift', 0n)]);
    expect(order).toMatchObject({
      status: 'SUCCEEDED',
      fulfilment: 'IN_PROGRESS',
      version: 2,
      paidAt: T0,
      expiresAt: null,
    });
    expect(order.currentItems.map(({ fulfilment }) => fulfilment)).toEqual(['IN_PROGRESS', 'IN_PROGRESS']);
    expect(order.claims).toHaveLength(2);
  });

  test('says so by two events and starts the purchase saga', () => {
    const { events, sagas } = takeRecorded(placedOrder([pricedItem('gift', 0n)]));
    expect(events.map(({ type, version, from, to }) => [type, version, from, to])).toEqual([
      ['PLACED', 1, null, 'PENDING_PAYMENT'],
      ['SUCCEEDED', 2, 'PENDING_PAYMENT', 'SUCCEEDED'],
    ]);
    expect(sagas).toEqual([{ kind: 'PURCHASE', step: 'AWAIT_ENROLMENT', subjectId: null, dueAt: T0 }]);
  });

  test('a cart where one course is free still waits for the rest', () => {
    const order = placedOrder([pricedItem('gift', 0n), pricedItem('algebra', 1n)]);
    expect([order.status, order.total.amount]).toEqual(['PENDING_PAYMENT', 1]);
  });
});

test('a change of status that the table does not know is refused and changes nothing', () => {
  const order = placedOrder();
  takeRecorded(order);
  const refund = () =>
    order.record(OrderEventType.REFUNDED, { actor: EventActor.SYSTEM, to: OrderStatus.REFUNDED }, minutes(1));
  expect(refund).toThrow(`order ${order.id}: PENDING_PAYMENT does not lead to REFUNDED`);
  expect([order.status, order.version, order.updatedAt]).toEqual(['PENDING_PAYMENT', 1, T0]);
  expect(takeRecorded(order).events).toEqual([]);
});
