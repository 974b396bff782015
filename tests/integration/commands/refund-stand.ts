import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { recordRefunds, type RefundMessage } from '../../../src/commands/record-refunds.js';
import { createRequestRefund } from '../../../src/commands/request-refund.js';
import type { OrderItem } from '../../../src/entities/order-item.js';
import type { Order } from '../../../src/entities/order.js';
import { SagaKind } from '../../../src/entities/saga.js';
import { announceAgain, askForRefund } from '../../../src/messaging/order-messages.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { createPurchaseSaga } from '../../../src/saga/purchase.js';
import { createRefundSaga } from '../../../src/saga/refund.js';
import { SagaRunner } from '../../../src/saga/runner.js';
import { idOf, idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { paymentFact } from '../../support/orders.js';
import { present } from '../../support/present.js';
import { MINUTE } from '../../support/test-clock.js';

/** Of each of the order's two courses, in minor units. */
export const PRICE = 49_900n;
export const OPERATOR = { userId: idOf('operator'), isOperator: true };

/** A stand with the sagas of delivery and refunds, and a new paid order of two courses for each test of the file. */
export function refundStand() {
  let stand: OrderStand;
  let runner: SagaRunner;
  let order: Order;
  let items: OrderItem[];
  const nextBuyer = idSequence('refunds');
  const nextEvent = idSequence('refund event');

  const paymentOf = (payment: string) => `${payment} of ${order.id}`;
  const pay = (payment: string) =>
    recordPayments(stand.env, [
      {
        orderId: order.id,
        fact: paymentFact('succeeded', paymentOf(payment), stand.clock.now()),
        inbox: { topic: 'succeeded', eventKey: paymentOf(payment) },
      },
    ]);
  const paidOrder = async (...courses: readonly string[]) => {
    order = await placeFor(stand, nextBuyer(), ...courses);
    await pay('first');
    items = (await stand.load(order.id)).currentItems;
  };

  beforeAll(async () => {
    stand = await openOrderStand();
    const handlers = {
      [SagaKind.PURCHASE]: createPurchaseSaga(stand.env, announceAgain),
      [SagaKind.REFUND]: createRefundSaga(stand.env, askForRefund),
    };
    runner = new SagaRunner(stand.fork, handlers, stand.clock, createMetrics(), testLog());
  });
  afterAll(() => stand.close());
  beforeEach(async () => {
    await stand.sql('delete from sagas');
    await paidOrder('algebra', 'geometry');
  });

  const request = (who: 'buyer' | 'operator', ...chosen: readonly number[]) => {
    const actor = who === 'operator' ? OPERATOR : { userId: order.buyerId, isOperator: false };
    const itemIds = chosen.length > 0 ? chosen.map((n) => present(items[n]).id) : null;
    return createRequestRefund(stand.env)(actor, { orderId: order.id, itemIds, note: null, idempotencyKey: null });
  };

  return {
    get stand() {
      return stand;
    },
    get order() {
      return order;
    },
    get items() {
      return items;
    },
    load: () => stand.load(order.id),
    paymentOf,
    pay,
    /** Another paid order, of another buyer, takes the place of the first. */
    paidOrder,
    /** Asks for items by their positions, or for everything that is left. */
    request,
    /** As `request`, where it succeeds. */
    refunded: async (who: 'buyer' | 'operator', ...chosen: readonly number[]) => {
      const outcome = await request(who, ...chosen);
      if (!('refund' in outcome)) throw new Error(outcome.message);
      return outcome.refund;
    },
    /** What the payment service says of a refund, each time as a new event. */
    tell: async (says: Partial<RefundMessage>) => {
      const eventId = nextEvent();
      const fixed = { orderId: order.id, paymentId: paymentOf('first'), refundId: null, amount: null, succeeded: true };
      const inbox = { topic: 'refunded', eventKey: eventId };
      const [outcome] = await recordRefunds(stand.env, [{ ...fixed, eventId, inbox, ...says }]);
      return outcome;
    },
    refunds: () =>
      stand.sql<{ id: string; status: string; reason: string; amount_minor: string }>(
        'select id, status, reason, amount_minor from order_refunds where order_id = $1 order by requested_at, id',
        [order.id],
      ),
    sagas: () =>
      stand.sql<{ id: string; kind: string; step: string; last_error: string | null }>(
        'select id, kind, step, last_error from sagas order by kind, created_at',
      ),
    /** The messages so far that ask the payment service for a refund of the order. */
    asked: () =>
      stand.sql(`select id from outbox where aggregate_id = $1 and topic = 'payment.refund.requested.v1'`, [order.id]),
    /** Lets the sagas act so many minutes later. */
    runAfter: async (minutes: number) => {
      stand.clock.advance(minutes * MINUTE);
      await runner.runDue();
    },
  };
}
