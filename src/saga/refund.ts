import { endPurchaseSagas } from '../commands/end-sagas.js';
import type { Environment } from '../commands/environment.js';
import { EventActor, FulfilmentStatus, RefundReason, RefundStatus } from '../entities/enums.js';
import { missingItems, recordEnrolment } from '../entities/order-fulfilment.js';
import { OrderRefund } from '../entities/order-refund.js';
import { findAttempt } from '../entities/order-payments.js';
import { leftToRefund } from '../entities/refundable.js';
import { approveRefund, rejectRefund } from '../entities/order-refunding.js';
import { Order } from '../entities/order.js';
import { RefundStep } from '../entities/saga-steps.js';
import { correlationId } from '../observability/correlation.js';
import { changeOrder } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import { aboutOrder, outboxRow, type OutgoingMessage } from '../persistence/outbox-message.js';
import { orderOf, type Next, type SagaHandler, type SagaTask } from './saga-step.js';

export type RefundDecision =
  | { readonly do: 'finish' }
  | { readonly do: 'ask' }
  /** An operator wants a return that failed to be tried anew. */
  | { readonly do: 'approveAgain' }
  | { readonly do: 'wait' }
  | { readonly do: 'stick'; readonly because: string };

/** Decides what happens to a refund that is due. Pure. @param looks how often its saga has looked at this step before */
export function decideRefund(step: string, status: RefundStatus | undefined, looks: number): RefundDecision {
  if (status === RefundStatus.FAILED) {
    if (step === RefundStep.RETURN_FAILED)
      return { do: 'stick', because: 'the payment service could not give it back' };
    return { do: step === RefundStep.ASK ? 'approveAgain' : 'finish' };
  }
  if (status !== RefundStatus.APPROVED) return { do: 'finish' };
  if (step === RefundStep.ASK) return { do: 'ask' };
  return looks === 0 ? { do: 'wait' } : { do: 'stick', because: 'the payment service did not settle the refund' };
}

/** The message that asks the payment service for a refund. */
export type AskForRefund = (
  order: Order,
  refund: OrderRefund,
  asking: number,
  now: Date,
  correlationId: string | null,
) => OutgoingMessage;

/**
 * Follows an approved refund until it is settled. The platform's payment service does not answer yet: without an answer in
 * time an operator is needed, who settles it by hand or lets it be asked for again.
 */
export function createRefundSaga(env: Environment, askForRefund: AskForRefund): SagaHandler {
  const wait = (): Next => ({
    do: 'wait',
    until: new Date(env.clock.now().getTime() + env.policies.refundSettlementMs),
    step: RefundStep.AWAIT_SETTLEMENT,
  });
  return async (task) => {
    const refund = task.subjectId ? await env.fork().findOne(OrderRefund, task.subjectId) : null;
    const decision = decideRefund(task.step, refund?.status, task.attempts);
    switch (decision.do) {
      case 'finish':
      case 'stick':
        return decision;
      case 'wait':
        return wait();
      case 'approveAgain':
        await approveAgain(env, task);
        return { do: 'finish' };
      case 'ask':
        return (await ask(env, task, askForRefund)) ? wait() : { do: 'finish' };
      default:
        return decision satisfies never;
    }
  };
}

async function approveAgain(env: Environment, task: SagaTask): Promise<void> {
  await changeOrder(env.fork, orderOf(task), ['attempts'], async (order, em) => {
    const refunds = await em.find(OrderRefund, { orderId: order.id });
    const refund = refunds.find(({ id }) => id === task.subjectId);
    const attempt = refund?.paymentId ? findAttempt(order, refund.paymentId) : undefined;
    if (refund?.status !== RefundStatus.FAILED || !attempt) return;
    // The money may have gone back in another way since: then nothing is left to ask for.
    if (refund.amountMinor > leftToRefund(attempt, refunds)) return;
    approveRefund(order, refund, { actor: EventActor.SYSTEM, byId: null }, env.clock.now());
  });
}

/** @returns false when there is nothing to settle: it was delivered after all, or was decided otherwise meanwhile */
async function ask(env: Environment, task: SagaTask, askForRefund: AskForRefund): Promise<boolean> {
  const enrolled = await enrolledAfterAll(env, task);
  const asked = await changeOrder(env.fork, orderOf(task), ['itemRows'], async (order, em) => {
    const refund = await em.findOneOrFail(OrderRefund, { id: task.subjectId });
    if (refund.status !== RefundStatus.APPROVED) return false;
    const now = env.clock.now();
    if (enrolled.length > 0) {
      await keepDelivered(em, order, refund, enrolled, now);
      return false;
    }
    const message = askForRefund(order, refund, task.attempts, now, correlationId());
    em.persist(outboxRow(message, aboutOrder(order)));
    return true;
  });
  return asked ?? false;
}

/** The courses of a refund for want of delivery in which the buyer is enrolled all the same. */
async function enrolledAfterAll(env: Environment, task: SagaTask): Promise<string[]> {
  const refund = await env.fork().findOneOrFail(OrderRefund, { id: task.subjectId });
  if (refund.reason !== RefundReason.NOT_FULFILLED) return [];
  const order = await env.fork().findOneOrFail(Order, orderOf(task), { populate: ['itemRows'] });
  const courseIds = missingItems(order).flatMap(({ id, productId }) => (refund.itemIds.includes(id) ? productId : []));
  const answers = await Promise.all(courseIds.map((id) => env.neighbours.courses.isEnrolled(id, order.buyerId)));
  return courseIds.filter((_, i) => answers[i]);
}

async function keepDelivered(
  em: EntityManager,
  order: Order,
  refund: OrderRefund,
  courseIds: readonly string[],
  now: Date,
): Promise<void> {
  for (const courseId of courseIds) recordEnrolment(order, courseId, now, now);
  const by = { actor: EventActor.COURSE_SERVICE, byId: null };
  rejectRefund(order, refund, by, 'delivered after all', now);
  if (order.fulfilment === FulfilmentStatus.FULFILLED) await endPurchaseSagas(em, [order.id]);
}
