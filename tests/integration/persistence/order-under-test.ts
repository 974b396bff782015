import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { Order } from '../../../src/entities/order.js';
import { idSequence } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

/** What a decision about a payment needs. */
export const PARTS = ['attempts', 'itemRows', 'claims'] as const;

/** What is stored beside the row of a new order. */
export const BEFORE = { order_events: 1, sagas: 0, order_refunds: 0, payment_attempts: 0, outbox: 1 };

/** A stand with a new order of two courses for each test of the file. */
export function orderUnderTest() {
  let stand: OrderStand;
  let order: Order;
  const nextName = idSequence('order under test');

  beforeAll(async () => {
    stand = await openOrderStand();
  });
  afterAll(() => stand.close());
  beforeEach(async () => {
    order = await placeFor(stand, nextName(), 'algebra', 'geometry');
    stand.commits.splice(0);
  });

  return {
    nextName,
    get stand() {
      return stand;
    },
    get order() {
      return order;
    },
    /** Lets a payment succeed. */
    pay: (one: Order, payment: string) =>
      recordPayment(one, paymentFact('succeeded', payment, minutes(1)), minutes(1), TIMES),
    load: (em = stand.fork()) => em.findOneOrFail(Order, order.id, { populate: PARTS as never }),
    /** What is stored of the order beside its own row. */
    stored: async () => {
      const count = (table: string, column = 'order_id') =>
        `(select count(*)::int from ${table} where ${column} = $1) as ${table}`;
      const counts = ['order_events', 'sagas', 'order_refunds', 'payment_attempts'].map((table) => count(table));
      const sql = `select ${[...counts, count('outbox', 'aggregate_id')].join()}`;
      return (await stand.sql<Record<string, number>>(sql, [order.id]))[0];
    },
  };
}
