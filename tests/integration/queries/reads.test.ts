import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getMetadataStorage } from 'type-graphql';
import { OrderEvent } from '../../../src/entities/order-event.js';
import { OrderItem } from '../../../src/entities/order-item.js';
import { OrderRefund } from '../../../src/entities/order-refund.js';
import { recordEnrolment } from '../../../src/entities/order-fulfilment.js';
import { attachPayment, confirmAttempt, requestPayment } from '../../../src/entities/order-paying.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { Order } from '../../../src/entities/order.js';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import { PaymentAttempt } from '../../../src/entities/payment-attempt.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { createOrderReads, type OrderReads } from '../../../src/queries/order-reads.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';
import { present } from '../../support/present.js';

const PARTS = ['attempts', 'itemRows', 'claims'] as const;

let stand: OrderStand;
let reads: OrderReads;
let order: Order;
let other: Order;

/** An order that everything has happened to: an intent, two payments, a surplus refund, an enrolment. */
async function live(orderId: string): Promise<void> {
  const change = (decide: (one: Order) => unknown) =>
    changeOrder(stand.fork, orderId, PARTS, (one) => void decide(one));
  const intent = {
    id: idOf('attempt'),
    provider: CheckoutProvider.PAYPAL,
    returnUrls: { successUrl: 'https://x/', cancelUrl: null },
  };
  await change((one) => requestPayment(one, intent, minutes(1), TIMES));
  await change((one) => {
    const session = {
      provider: CheckoutProvider.PAYPAL,
      orderId: 'pp',
      approvalLink: 'https://y/',
      amount: '1',
      currency: 'INR',
    } as const;
    attachPayment(one, present(one.attempts.getItems()[0]), { paymentId: 'p1', session }, minutes(2), TIMES);
  });
  await change((one) => confirmAttempt(one, present(one.attempts.getItems()[0]), minutes(3)));
  await change((one) => recordPayment(one, paymentFact('succeeded', 'p1', minutes(4)), minutes(4), TIMES));
  await change((one) => recordPayment(one, paymentFact('succeeded', 'p2', minutes(5)), minutes(5), TIMES));
  await change((one) => recordEnrolment(one, present(one.currentItems[1]).productId, minutes(6), minutes(6)));
}

beforeAll(async () => {
  stand = await openOrderStand();
  reads = createOrderReads(stand.orm, stand.fork);
  stand.neighbours.addCourse('cheap', { discountPrice: 399 });
  order = await placeFor(stand, 'asha', 'algebra', 'cheap', 'history');
  other = await placeFor(stand, 'ravi', 'algebra');
  await live(order.id);
});
afterAll(() => stand.close());

/** Every field of the graph that the class itself answers, in columns and getters. */
function fieldsOf(type: new () => object): string[] {
  const fields = getMetadataStorage().fields.filter(({ target }) => target === type);
  return [...new Set(fields.map(({ name }) => name))];
}

/** The values of those fields. */
function values<T extends object>(type: new () => T, one: T): Record<string, unknown> {
  return Object.fromEntries(fieldsOf(type).map((name) => [name, one[name as keyof T]]));
}

describe('what is read as a row answers every field of the graph as the entity does', () => {
  test('orders', async () => {
    const rows = await reads.orders([order.id, other.id]);
    const entities = await stand.fork().find(Order, { id: { $in: [order.id, other.id] } });
    expect(fieldsOf(Order)).toHaveLength(19);
    expect(rows.size).toBe(2);
    for (const entity of entities) expect(values(Order, present(rows.get(entity.id)))).toEqual(values(Order, entity));
  });

  test.each([
    ['items', OrderItem, () => reads.items([order.id]), 3],
    ['attempts', PaymentAttempt, () => reads.attempts([order.id]), 2],
    ['refunds', OrderRefund, () => reads.refunds([order.id]), 1],
    ['events', OrderEvent, () => reads.events([order.id]), 9],
  ] as const)('%s', async (_, type, read, count) => {
    const rows = (await read()).get(order.id) as readonly { id: string }[];
    const entities = (await stand.fork().find(type as typeof OrderItem, { id: { $in: rows.map(({ id }) => id) } })) as {
      id: string;
    }[];
    expect([rows.length, entities.length]).toEqual([count, count]);
    expect(fieldsOf(type).length).toBeGreaterThanOrEqual(5);
    for (const row of rows) {
      const entity = present(entities.find(({ id }) => id === row.id));
      expect(values(type as new () => object, row)).toEqual(values(type as new () => object, entity));
    }
  });

  test('parts that are read with their order are the same as those that are read by themselves', async () => {
    const names = ['items', 'attempts', 'refunds', 'events'] as const;
    for (const { id } of [order, other]) {
      const { parts } = present((await reads.orders([id], names)).get(id));
      for (const name of names) expect([name, parts?.[name]]).toEqual([name, (await reads[name]([id])).get(id) ?? []]);
    }
  });

  test('and every column of a row has the type that it has in the entity', async () => {
    const entity = await stand.fork().findOneOrFail(PaymentAttempt, { paymentId: 'p1' });
    const row = (await reads.attempts([order.id])).get(order.id)?.find(({ paymentId }) => paymentId === 'p1');
    const { order: _, ...columns } = entity;
    expect({ ...row }).toEqual(columns);
    expect(row?.session).toMatchObject({ provider: 'PAYPAL', amount: '1' });
  });

  test('the methods of a class work on a row', async () => {
    const attempts = (await reads.attempts([order.id])).get(order.id) ?? [];
    expect(attempts.map((attempt) => [attempt.isLive(minutes(5)), attempt.isOld(1)])).toEqual([
      [false, false],
      [false, false],
    ]);
  });
});

describe('reads of many orders', () => {
  test('are one statement for each kind of part, however many orders', async () => {
    const ids = [order.id, other.id, idOf('nobody')];
    const all = [reads.orders, reads.items, reads.attempts, reads.refunds, reads.events] as const;
    for (const read of all) {
      stand.proxy.takeStatements();
      await read(ids);
      expect(stand.proxy.takeStatements()).toHaveLength(1);
    }
  });

  test('of nothing ask nothing', async () => {
    stand.proxy.takeStatements();
    expect([(await reads.items([])).size, (await reads.events([])).size]).toEqual([0, 0]);
    expect((await reads.orders([], ['items'])).size).toBe(0);
    expect(stand.proxy.takeStatements()).toEqual([]);
  });

  test('have their parts in order: items as in the cart, the rest oldest first', async () => {
    const items = (await reads.items([order.id])).get(order.id) ?? [];
    expect(items.map(({ title }) => title)).toEqual(['algebra', 'cheap', 'history']);
    const attempts = (await reads.attempts([order.id])).get(order.id) ?? [];
    expect(attempts.map(({ paymentId }) => paymentId)).toEqual(['p1', 'p2']);
    const events = (await reads.events([order.id])).get(order.id) ?? [];
    expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('an order that is not there is missing, not an error', async () => {
    expect((await reads.orders([idOf('nobody')])).size).toBe(0);
    expect((await reads.ordersByNumber(['EL-22222222A'])).size).toBe(0);
  });

  test('by number', async () => {
    expect((await reads.ordersByNumber([order.number])).get(order.number)).toMatchObject({ id: order.id });
  });

  test('events after a version, each order after its own', async () => {
    const found = await reads.eventsAfter([
      { id: order.id, version: 6 },
      { id: other.id, version: 0 },
    ]);
    expect(found.get(order.id)?.map(({ version }) => version)).toEqual([7, 8, 9]);
    expect(found.get(other.id)?.map(({ version }) => version)).toEqual([1]);
  });

  test('items of an earlier pricing are not shown', async () => {
    await stand.sql('update order_items set revision = 0 where order_id = $1', [other.id]);
    expect((await reads.items([other.id])).get(other.id)).toBeUndefined();
    await stand.sql('update order_items set revision = 1 where order_id = $1', [other.id]);
  });
});
