import type { Environment } from '../commands/environment.js';
import { markStuck, missingItems, recordEnrolment } from '../entities/order-fulfilment.js';
import { FulfilmentStatus, RefundStatus } from '../entities/enums.js';
import type { OrderItem } from '../entities/order-item.js';
import { OrderRefund } from '../entities/order-refund.js';
import { OrderStatus } from '../entities/order-status.js';
import type { Order } from '../entities/order.js';
import { correlationId } from '../observability/correlation.js';
import { changeOrder } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import { aboutOrder, outboxRow, type OutgoingMessage } from '../persistence/outbox-message.js';
import { orderOf, type Next, type SagaHandler } from './saga-step.js';

/** What the purchase saga looks at. */
export interface PurchaseFacts {
  readonly status: OrderStatus;
  readonly fulfilment: FulfilmentStatus;
  /** How often the saga has looked before; the first look only starts the waiting. */
  readonly looks: number;
}

export type PurchaseDecision =
  | { readonly do: 'finish' }
  /** The announcement has just gone out with the payment: give the course service time. */
  | { readonly do: 'wait'; readonly waitMs: number }
  /** Ask whether the buyer is enrolled, and announce what is missing again. */
  | { readonly do: 'announceAgain'; readonly waitMs: number }
  /** Ask a last time; what is missing then is stuck, unless its money is going back: then the end of that is awaited. */
  | { readonly do: 'giveUp'; readonly waitMs: number };

/** Decides the next step of a purchase. Pure. @param retriesMs waits before each look, ms */
export function decidePurchase(
  { status, fulfilment, looks }: PurchaseFacts,
  retriesMs: readonly number[],
): PurchaseDecision {
  if (status !== OrderStatus.SUCCEEDED) return { do: 'finish' };
  if (fulfilment === FulfilmentStatus.FULFILLED || fulfilment === FulfilmentStatus.REVOKED) return { do: 'finish' };
  const waitMs = retriesMs[looks] ?? retriesMs.at(-1) ?? 0;
  if (looks > retriesMs.length) return { do: 'giveUp', waitMs };
  return looks === 0 ? { do: 'wait', waitMs } : { do: 'announceAgain', waitMs };
}

/** Messages that announce paid items once more. */
export type AnnounceAgain = (
  order: Order,
  items: readonly OrderItem[],
  announcement: number,
  now: Date,
  correlationId: string | null,
) => OutgoingMessage[];

/** Follows a paid order until every course of it is delivered. */
export function createPurchaseSaga(env: Environment, announceAgain: AnnounceAgain): SagaHandler {
  return async (task) => {
    const { attempts } = task;
    const order = await load(env, orderOf(task));
    if (!order) return { do: 'finish' };
    const facts = { status: order.status, fulfilment: order.fulfilment, looks: attempts };
    const decision = decidePurchase(facts, env.policies.fulfilmentRetriesMs);
    if (decision.do === 'finish') return { do: 'finish' };
    const wait = (ms: number): Next => ({ do: 'wait', until: new Date(env.clock.now().getTime() + ms) });
    if (decision.do === 'wait') return wait(decision.waitMs);

    const enrolled = await askForMissing(env, order);
    const next = await changeOrder(env.fork, order.id, ['itemRows'], async (current, em): Promise<Next> => {
      const now = env.clock.now();
      for (const courseId of enrolled) recordEnrolment(current, courseId, now, now);
      const missing = missingItems(current);
      if (missing.length === 0) return { do: 'finish' };
      const wanted = await withoutRefunded(em, current, missing);
      if (decision.do === 'giveUp' && wanted.length > 0) {
        if (current.fulfilment !== FulfilmentStatus.STUCK) markStuck(current, wanted, now);
        return { do: 'stick', because: `not enrolled: ${wanted.map(({ productId }) => productId).join(', ')}` };
      }
      const messages = announceAgain(current, wanted, attempts, now, correlationId());
      for (const message of messages) em.persist(outboxRow(message, aboutOrder(current)));
      return wait(decision.waitMs);
    });
    return next ?? { do: 'finish' };
  };
}

/** What is being given back is not to be delivered any more. */
async function withoutRefunded(em: EntityManager, { id }: Order, missing: readonly OrderItem[]): Promise<OrderItem[]> {
  const refunds = await em.find(OrderRefund, {
    orderId: id,
    status: { $in: [RefundStatus.APPROVED, RefundStatus.SUCCEEDED] },
  });
  const given = new Set(refunds.flatMap(({ itemIds }) => itemIds));
  return missing.filter((item) => !given.has(item.id));
}

async function load(env: Environment, orderId: string): Promise<Order | undefined> {
  return changeOrder(env.fork, orderId, ['itemRows'], (order) => order);
}

/** A lost confirmation is not a failed enrolment: the course service is asked first. */
async function askForMissing(env: Environment, order: Order): Promise<string[]> {
  const missing = missingItems(order).map(({ productId }) => productId);
  const enrolled = await Promise.all(missing.map((id) => env.neighbours.courses.isEnrolled(id, order.buyerId)));
  return missing.filter((_, i) => enrolled[i]);
}
