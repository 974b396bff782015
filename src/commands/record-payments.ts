import { v5 as uuidv5 } from 'uuid';
import { findAttempt, type FactOutcome, type PaymentFact } from '../entities/order-payments.js';
import { Order } from '../entities/order.js';
import type { SuspicionReason } from '../entities/payment/suspicious-payment.js';
import { withinScopeOf, type RequestScope } from '../observability/correlation.js';
import { lockOrders } from '../persistence/change-order.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import { attachBookings } from '../persistence/order-bookings.js';
import type { EntityManager } from '../persistence/orm.js';
import type { KnownPayment } from '../platform/neighbours.js';
import { endResultSagas } from './end-sagas.js';
import type { Environment } from './environment.js';
import { applyOrParkPayment } from './payment/apply-payment.js';

/** News of a payment as it came in a message. */
export interface PaymentMessage {
  readonly orderId: string;
  readonly fact: PaymentFact;
  readonly inbox: InboxKey;
  readonly scope?: RequestScope | undefined;
  /** Why the payment service's own answer speaks against it; absent where it was verified or need not be. */
  readonly suspicions?: readonly SuspicionReason[];
  /** What the payment service answers about it; absent where it was not asked. */
  readonly answer?: KnownPayment;
}

/**
 * What became of one message. `suspicious`: it disagrees with its order and waits for an operator. `rejected`: it can never
 * take effect and belongs with the dead letters.
 */
export type PaymentMessageOutcome = FactOutcome | 'repeated' | 'suspicious' | { readonly rejected: string };

/**
 * Applies a batch of payment news in one transaction: inbox rows, the orders in one statement, decisions in the order of
 * arrival, one flush. The caller repeats the whole batch after a conflict.
 */
export async function recordPayments(
  env: Environment,
  messages: readonly PaymentMessage[],
): Promise<PaymentMessageOutcome[]> {
  const now = env.clock.now();
  return env.fork().transactional(async (em) => {
    const known = await rejections(em, messages);
    const acceptable = messages.filter((message) => !known.has(message));
    const isNew = await takeIn(
      em,
      acceptable.map(({ inbox }) => inbox),
      now,
    );
    const orders = await loadOrders(em, acceptable);
    const outcomes = messages.map((message): PaymentMessageOutcome => {
      const rejected = known.get(message);
      if (rejected) return { rejected };
      if (!isNew(message.inbox)) return 'repeated';
      const order = orders.get(message.orderId);
      // It was there a moment ago: nothing is written, and the batch comes again.
      if (!order) throw new Error(`order ${message.orderId} is gone`);
      const { topic, eventKey } = message.inbox;
      const parkedId = uuidv5(`${topic}\n${eventKey}`, order.id);
      return withinScopeOf(message, () => applyOrParkPayment(env, em, order, message, parkedId));
    });
    await endResultSagas(em, resultsAwaited(orders, acceptable));
    return outcomes;
  });
}

/** Attempts that the buyer had finished and whose end the messages tell. */
function resultsAwaited(orders: ReadonlyMap<string, Order>, messages: readonly PaymentMessage[]): string[] {
  return messages.flatMap(({ orderId, fact }) => {
    const order = fact.kind === 'initiated' ? undefined : orders.get(orderId);
    const attempt = order && findAttempt(order, fact.paymentId);
    return attempt?.confirmedAt ? [attempt.id] : [];
  });
}

/** Messages of orders that do not exist, or with a payment of another order. Such leave no inbox row: they may be replayed. */
async function rejections(
  em: EntityManager,
  messages: readonly PaymentMessage[],
): Promise<Map<PaymentMessage, string>> {
  const orderIds = [...new Set(messages.map(({ orderId }) => orderId))];
  const paymentIds = [...new Set(messages.map(({ fact }) => fact.paymentId))];
  const [orders, payments] = [
    await em.execute<{ id: string }[]>(`select id from orders where id in (?)`, [orderIds]),
    await em.execute<{ payment_id: string; order_id: string }[]>(
      `select payment_id, order_id from payment_attempts where payment_id in (?)`,
      [paymentIds],
    ),
  ];
  const existing = new Set(orders.map(({ id }) => id));
  const owner = new Map(payments.map((row) => [row.payment_id, row.order_id]));
  const rejected = new Map<PaymentMessage, string>();
  for (const message of messages) {
    const of = owner.get(message.fact.paymentId) ?? message.orderId;
    if (!existing.has(message.orderId)) rejected.set(message, 'unknown order');
    else if (of !== message.orderId) rejected.set(message, 'the payment is of another order');
  }
  return rejected;
}

async function loadOrders(em: EntityManager, messages: readonly PaymentMessage[]): Promise<Map<string, Order>> {
  const ids = [...new Set(messages.map(({ orderId }) => orderId))];
  if (ids.length === 0) return new Map();
  await lockOrders(em, ids);
  const onlyInitiated = messages.every(({ fact }) => fact.kind === 'initiated');
  const populate = onlyInitiated ? (['attempts'] as const) : (['attempts', 'itemRows', 'claims'] as const);
  const orders = await em.find(Order, { id: { $in: ids } }, { populate: populate as never });
  await attachBookings(em, orders);
  return new Map(orders.map((order) => [order.id, order]));
}
