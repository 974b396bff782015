import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { SagaKind } from '../../../src/entities/saga.js';
import { createMetrics } from '../../../src/observability/metrics.js';
import { createPaymentSaga } from '../../../src/saga/payment.js';
import { SagaRunner } from '../../../src/saga/runner.js';
import { idSequence } from '../../support/ids.js';
import { testLog } from '../../support/log.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';
import { attemptOf, paymentFact } from '../../support/orders.js';

/** A stand with the payment saga and a new order for each test of the file. */
export function paymentSaga() {
  let stand: OrderStand;
  let runner: SagaRunner;
  let order: Order;
  let buyer: string;
  const nextBuyer = idSequence('payer');

  beforeAll(async () => {
    stand = await openOrderStand();
    const handlers = { [SagaKind.PAYMENT]: createPaymentSaga(stand.env) };
    runner = new SagaRunner(stand.fork, handlers, stand.clock, createMetrics(), testLog());
  });
  afterAll(() => stand.close());
  beforeEach(async () => {
    await stand.sql('delete from sagas');
    stand.neighbours.calls.splice(0);
    stand.neighbours.down.clear();
    stand.neighbours.refusal = undefined;
    buyer = nextBuyer();
    order = await placeFor(stand, buyer, 'algebra');
  });

  const load = () => stand.load(order.id);
  return {
    get stand() {
      return stand;
    },
    get order() {
      return order;
    },
    load,
    /** Another order of the same buyer. */
    placeAnother: (...courses: readonly string[]) => placeFor(stand, buyer, ...courses),
    /** Lets the saga act so many seconds later. */
    runAfter: async (seconds: number) => {
      stand.clock.advance(seconds * 1_000);
      await runner.runDue();
    },
    sagas: () => stand.sql(`select step, failures, last_error from sagas where kind = 'PAYMENT'`),
    /** Takes in news of a payment of the order. */
    tell: (kind: PaymentFactKind, payment = 'first', one = order) => {
      const paymentId = `${payment} of ${one.id}`;
      const inbox = { topic: kind, eventKey: paymentId };
      const fact = paymentFact(kind, paymentId, stand.clock.now());
      return recordPayments(stand.env, [{ orderId: one.id, fact, inbox }]);
    },
    attempt: async (payment: string) => attemptOf(await load(), `${payment} of ${order.id}`),
  };
}
