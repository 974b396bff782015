import { CheckoutProvider, EventActor, ProductKind } from '../../src/entities/enums.js';
import { Money } from '../../src/entities/money.js';
import { placeOrder, type PricedItem } from '../../src/entities/order-placing.js';
import { orderNumber } from '../../src/entities/order-number.js';
import {
  recordPayment,
  type FactOutcome,
  type PaymentFact,
  type PaymentTimes,
} from '../../src/entities/order-payments.js';
import { holdSeat } from '../../src/entities/order-seat.js';
import type { Order, RecordedEvent } from '../../src/entities/order.js';
import type { StartedSaga } from '../../src/entities/saga.js';
import type { PaymentAttempt } from '../../src/entities/payment-attempt.js';
import type { PaymentFactKind } from '../../src/entities/payment-decision.js';
import { openOrm } from '../../src/persistence/orm.js';
import { idOf } from './ids.js';
import { minutes, MINUTE, T0 } from './test-clock.js';

/** A payment lives 10 minutes, then its news are awaited for 2. */
export const TIMES: PaymentTimes = { lifeMs: 10 * MINUTE, graceMs: 2 * MINUTE };

export const BUYER = idOf('buyer');

/** Entities need the ORM's metadata before they are made; nothing is connected. */
export async function knowEntities(): Promise<void> {
  await openOrm({ url: 'postgres://127.0.0.1:1/none', poolMax: 1, statementTimeout: 1, lockTimeout: 1 });
}

/** A course in a cart; price in minor units. */
export function pricedItem(name: string, price = 49_900n, changes: Partial<PricedItem> = {}): PricedItem {
  const money = new Money(price, 'INR');
  const id = idOf(name);
  const fixed = { kind: ProductKind.COURSE, productId: id, title: name, instructorId: idOf(`teacher of ${name}`) };
  return { ...fixed, listPrice: money, price: money, ...changes };
}

/** An order placed at T0 and payable for 30 minutes. */
export function placedOrder(items: readonly PricedItem[] = [pricedItem('algebra')], name = 'order'): Order {
  const id = idOf(name);
  return placeOrder({
    id,
    number: orderNumber(id),
    itemIds: items.map((_, i) => idOf(`${name} item ${i}`)),
    buyerId: BUYER,
    items,
    couponCode: null,
    now: T0,
    payableUntil: minutes(30),
  });
}

/** The same order, its seat taken and booked when it was placed. */
export function withSeat(order: Order): Order {
  holdSeat(order, idOf(`seat of ${order.id}`), { actor: EventActor.BUYER, byId: BUYER }, T0);
  return order;
}

/** News of a payment; it happened at `at`, T0 unless said. */
export function paymentFact(kind: PaymentFactKind, paymentId = 'payment-1', at = T0): PaymentFact {
  return {
    kind,
    paymentId,
    provider: CheckoutProvider.STRIPE,
    providerOrderId: `session of ${paymentId}`,
    occurredAt: at,
  };
}

/** What the order recorded since the last call, as a flush would take it. */
export function takeRecorded(order: Order): { events: RecordedEvent[]; sagas: StartedSaga[]; refunds: number } {
  const taken = {
    events: order.recorded ?? [],
    sagas: order.startedSagas ?? [],
    refunds: order.newRefunds?.length ?? 0,
  };
  order.recorded = undefined;
  order.startedSagas = undefined;
  order.newRefunds = undefined;
  return taken;
}

/** The attempt with a payment id. @throws Error when there is none */
export function attemptOf(order: Order, paymentId: string): PaymentAttempt {
  const found = order.attempts.getItems().find((attempt) => attempt.paymentId === paymentId);
  if (!found) throw new Error(`no attempt ${paymentId}`);
  return found;
}

/** A new order, its placing already written. */
export function freshOrder(): Order {
  const order = placedOrder();
  takeRecorded(order);
  return order;
}

/** Tells the order something about a payment, `at` minutes after it was placed. */
export function tell(order: Order, kind: PaymentFactKind, paymentId: string, at: number): FactOutcome {
  return recordPayment(order, paymentFact(kind, paymentId, minutes(at)), minutes(at), TIMES);
}

/** Step and subject of the sagas that the order has started since the last call. */
export function startedSagas(order: Order): (string | null)[][] {
  return takeRecorded(order).sagas.map(({ step, subjectId }) => [step, subjectId]);
}
