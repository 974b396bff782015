import { beforeAll, describe, expect, test } from '@jest/globals';
import { ProductKind } from '../../../src/entities/enums.js';
import { Money } from '../../../src/entities/money.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import { announceAgain, messagesOf } from '../../../src/messaging/order-messages.js';
import type { OutgoingMessage } from '../../../src/persistence/outbox-message.js';
import { idOf } from '../../support/ids.js';
import {
  BUYER,
  knowEntities,
  paymentFact,
  placedOrder,
  pricedItem,
  takeRecorded,
  TIMES,
  withSeat,
} from '../../support/orders.js';
import { minutes, T0 } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

beforeAll(knowEntities);

const ANNA = idOf('Anna');
const BEN = idOf('Ben');

interface Envelope {
  readonly eventId: string;
  readonly eventType: string;
  readonly timestamp: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** All messages of an order's history so far. */
function messages(order: Order, correlationId: string | null = null): OutgoingMessage[] {
  return takeRecorded(order).events.flatMap((event) => messagesOf(order, event, correlationId));
}

const open = ({ payload }: OutgoingMessage) => JSON.parse(payload) as Envelope;
const topics = (all: readonly OutgoingMessage[]) => all.map(({ topic }) => topic);

/** Two courses of Anna, one of Ben. */
const cart = () => [
  pricedItem('algebra', 49_900n, { instructorId: ANNA }),
  pricedItem('history', 10_000n, { instructorId: BEN, listPrice: new Money(20_000n, 'INR') }),
  pricedItem('geometry', 30_100n, { instructorId: ANNA }),
];

function paid(order: Order): Order {
  recordPayment(order, paymentFact('succeeded', 'p1', minutes(1)), minutes(2), TIMES);
  return order;
}

describe('order.course.created.v1', () => {
  test('says what was ordered, in whole minor units', () => {
    const all = messages(placedOrder(cart()), 'request-7');
    expect(topics(all)).toEqual(['order.course.created.v1']);
    expect(all[0]).toMatchObject({ key: idOf('order'), headers: { 'x-correlation-id': 'request-7' } });
    expect(open(present(all[0]))).toEqual({
      eventId: present(all[0]).id,
      eventType: 'CourseOrderCreated',
      timestamp: T0.getTime(),
      eventVersion: '0.0.1',
      source: 'order-service',
      correlationId: 'request-7',
      payload: {
        orderId: idOf('order'),
        orderVersion: 1,
        userId: BUYER,
        items: [
          { courseId: idOf('algebra'), price: 49_900 },
          { courseId: idOf('history'), price: 10_000 },
          { courseId: idOf('geometry'), price: 30_100 },
        ],
        subtotal: 100_000,
        discount: 10_000,
        couponDiscount: 0,
        tax: 0,
        total: 90_000,
        currency: 'INR',
      },
    });
  });
});

describe('order.course.succeeded.v1', () => {
  test('is one message an instructor, with that instructor’s items and whole subtotal', () => {
    const order = placedOrder(cart());
    takeRecorded(order);
    const all = messages(paid(order));
    expect(topics(all)).toEqual(['order.course.succeeded.v1', 'order.course.succeeded.v1']);
    expect(all.map((message) => open(message).payload)).toEqual([
      {
        orderId: order.id,
        orderVersion: 3,
        userId: BUYER,
        instructorId: ANNA,
        items: [
          { courseId: idOf('algebra'), price: 49_900 },
          { courseId: idOf('geometry'), price: 30_100 },
        ],
        amount: 80_000,
        currency: 'INR',
      },
      {
        orderId: order.id,
        orderVersion: 3,
        userId: BUYER,
        instructorId: BEN,
        items: [{ courseId: idOf('history'), price: 10_000 }],
        amount: 10_000,
        currency: 'INR',
      },
    ]);
    expect(open(present(all[0])).timestamp).toBe(minutes(1).getTime());
  });

  test('announced again for one item: that item alone, but the instructor’s whole subtotal', () => {
    const order = paid(placedOrder(cart()));
    const again = announceAgain(order, [present(order.currentItems[2])], 1, minutes(9), null);
    expect(again.map((message) => open(message).payload)).toMatchObject([
      { items: [{ courseId: idOf('geometry'), price: 30_100 }], amount: 80_000, instructorId: ANNA },
    ]);
  });

  test('each announcement has ids of its own, and the same announcement always the same', () => {
    const order = placedOrder(cart());
    const first = messages(paid(order)).filter(({ topic }) => topic === 'order.course.succeeded.v1');
    const again = [1, 2, 3].flatMap((number) => announceAgain(order, order.currentItems, number, minutes(9), null));
    const ids = [...first, ...again].map(({ id }) => id);
    expect(new Set(ids).size).toBe(8);
    expect(announceAgain(order, order.currentItems, 2, minutes(10), 'other').map(({ id }) => id)).toEqual(
      ids.slice(4, 6),
    );
  });
});

describe('the ends of an order', () => {
  test('failed', () => {
    const order = placedOrder();
    takeRecorded(order);
    recordPayment(order, paymentFact('failed', 'p1'), minutes(1), TIMES);
    const all = messages(order);
    expect(topics(all)).toEqual(['order.course.failed.v1']);
    expect(open(present(all[0]))).toMatchObject({
      eventType: 'CourseOrderFailed',
      payload: {
        orderId: order.id,
        amount: 49_900,
        items: [{ courseId: idOf('algebra'), price: 49_900 }],
        orderVersion: 3,
      },
    });
  });

  test('expired', () => {
    const order = placedOrder();
    takeRecorded(order);
    recordPayment(order, paymentFact('expired', 'p1', minutes(30)), minutes(30), TIMES);
    expect(topics(messages(order))).toEqual(['order.course.expired.v1']);
  });

  test('what is no end is not announced: requested, initiated, timed out with time left, enrolled', () => {
    const order = placedOrder();
    takeRecorded(order);
    recordPayment(order, paymentFact('initiated', 'p1', minutes(1)), minutes(1), TIMES);
    recordPayment(order, paymentFact('expired', 'p1', minutes(2)), minutes(2), TIMES);
    expect(order.version).toBe(3);
    expect(messages(order)).toEqual([]);
  });
});

describe('a surplus capture', () => {
  test('asks the payment service for its money back', () => {
    const order = paid(placedOrder());
    takeRecorded(order);
    recordPayment(order, paymentFact('succeeded', 'p2', minutes(3)), minutes(3), TIMES);
    const all = messages(order);
    expect(topics(all)).toEqual(['payment.refund.requested.v1']);
    expect(open(present(all[0])).payload).toMatchObject({
      orderId: order.id,
      paymentId: 'p2',
      userId: BUYER,
      amount: 49_900,
      currency: 'INR',
      reason: 'DUPLICATE_PAYMENT',
    });
  });
});

describe('live sessions', () => {
  const session = (price: bigint) => pricedItem('webinar', price, { kind: ProductKind.SESSION, instructorId: ANNA });

  test('an order of a session alone announces nothing about courses', () => {
    const order = paid(withSeat(placedOrder([session(5_000n)])));
    expect(messages(order)).toEqual([]);
    expect(announceAgain(order, [], 1, minutes(9), null)).toEqual([]);
  });

  test('beside a course, a session is neither listed nor paid to the instructor as a course', () => {
    const order = placedOrder([pricedItem('algebra', 49_900n, { instructorId: ANNA }), session(5_000n)]);
    takeRecorded(order);
    expect(messages(paid(withSeat(order))).map((message) => open(message).payload)).toMatchObject([
      { items: [{ courseId: idOf('algebra') }], amount: 49_900 },
    ]);
  });
});

test('every id of an order’s messages is stable and distinct, over topics, versions and orders', () => {
  const history = (name: string) => {
    const order = paid(placedOrder(cart(), name));
    recordPayment(order, paymentFact('succeeded', 'p2', minutes(3)), minutes(3), TIMES);
    return messages(order).map(({ id }) => id);
  };
  const ids = [...history('one'), ...history('two')];
  expect(ids).toHaveLength(8);
  expect(new Set(ids).size).toBe(8);
  expect([...history('one'), ...history('two')]).toEqual(ids);
});

test('a message says so when it cannot: an approved refund that is not there', () => {
  const order = paid(placedOrder());
  takeRecorded(order);
  recordPayment(order, paymentFact('succeeded', 'p2', minutes(3)), minutes(3), TIMES);
  const { refund: _, ...event } = present(takeRecorded(order).events.at(-1));
  expect(() => messagesOf(order, event, null)).toThrow('an approved refund without the refund');
});
