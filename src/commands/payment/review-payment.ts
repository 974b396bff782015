import { LockMode } from '@mikro-orm/core';
import { EventActor } from '../../entities/enums.js';
import { BlockedReason } from '../../entities/order-actions.js';
import { OrderEventType } from '../../entities/order-event.js';
import { recordPayment } from '../../entities/order-payments.js';
import type { Order } from '../../entities/order.js';
import { findSuspicions } from '../../entities/payment/find-suspicions.js';
import { acceptedFact } from '../../entities/payment/park-payment.js';
import { SuspiciousPayment, SuspiciousPaymentStatus } from '../../entities/payment/suspicious-payment.js';
import { ActionNotAllowed, NotFound, type InvalidInput, type AccountBlocked } from '../../entities/refusals.js';
import { PaymentStep } from '../../entities/saga-steps.js';
import { Saga } from '../../entities/saga.js';
import type { Actor } from '../../entities/visibility.js';
import { changeOrder, detached } from '../../persistence/change-order.js';
import type { EntityManager } from '../../persistence/orm.js';
import { paymentTimes } from '../../policies/policies.js';
import type { Environment } from '../environment.js';
import { InputCheck } from '../validation.js';

export interface ReviewPaymentInput {
  readonly suspiciousPaymentId: string;
  readonly accept: boolean;
  /** Why, 1 to 500 characters. */
  readonly note: string;
}

export type ReviewPaymentOutcome =
  | { readonly order: Order; readonly suspiciousPayment: SuspiciousPayment }
  | InvalidInput
  | NotFound
  | ActionNotAllowed
  | AccountBlocked;

export type ReviewPayment = (operator: Actor, input: ReviewPaymentInput) => Promise<ReviewPaymentOutcome>;

/** Who decides about a suspicious payment: an operator with a reason, or the payment service's later answer. */
export type Reviewer =
  | { readonly actor: EventActor.OPERATOR; readonly byId: string; readonly note: string }
  | { readonly actor: EventActor.SYSTEM; readonly byId: null; readonly note: null };

/**
 * Decides about a suspicious payment. Accepted, it is applied to its order as if it had agreed; too little money still
 * completes nothing and goes back. The same decision again answers success again.
 */
export function createReviewPayment(env: Environment): ReviewPayment {
  return async (operator, { suspiciousPaymentId, accept, note }) => {
    const invalid = new InputCheck()
      .uuid(suspiciousPaymentId, 'suspiciousPaymentId')
      .expect(note.trim().length > 0, 'note', 'is empty')
      .note(note)
      .refusal();
    if (invalid) return invalid;
    const found = await env.fork().findOne(SuspiciousPayment, suspiciousPaymentId);
    if (!found) return new NotFound(suspiciousPaymentId);
    const by: Reviewer = { actor: EventActor.OPERATOR, byId: operator.userId, note };
    return (await reviewPayment(env, found, accept, by)) ?? new NotFound(suspiciousPaymentId);
  };
}

/** The decision itself, in one transaction with what follows from it. @returns undefined when the order is gone */
export async function reviewPayment(
  env: Environment,
  { id, orderId, paymentId }: SuspiciousPayment,
  accept: boolean,
  by: Reviewer,
): Promise<ReviewPaymentOutcome | undefined> {
  return changeOrder(env.fork, orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const parked = await em.findOneOrFail(SuspiciousPayment, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const wanted = accept ? SuspiciousPaymentStatus.ACCEPTED : SuspiciousPaymentStatus.REJECTED;
    if (parked.status === wanted) return { order: detached(order), suspiciousPayment: parked };
    if (parked.status !== SuspiciousPaymentStatus.OPEN) return notAllowed(BlockedReason.WRONG_STATUS, order);
    if (by.byId === order.buyerId) return notAllowed(BlockedReason.OWN_ORDER, order);
    if (accept && (await isOfAnotherOrder(em, paymentId, orderId)))
      return notAllowed(BlockedReason.WRONG_STATUS, order);
    const fact = acceptedFact(parked, order.currency);
    // The order may have been priced again since the payment service was asked.
    if (accept && by.actor === EventActor.SYSTEM && findSuspicions(order, fact).length > 0)
      return notAllowed(BlockedReason.WRONG_STATUS, order);
    const now = env.clock.now();
    Object.assign(parked, { status: wanted, note: by.note, decidedById: by.byId, decidedAt: now });
    // Not the note: the buyer reads the timeline.
    order.record(OrderEventType.PAYMENT_REVIEWED, { actor: by.actor, byId: by.byId, paymentId }, now);
    if (accept) recordPayment(order, fact, now, paymentTimes(env.policies));
    await em.nativeDelete(Saga, { orderId, subjectId: id, step: PaymentStep.VERIFY });
    return { order: detached(order), suspiciousPayment: parked };
  });
}

const notAllowed = (reason: BlockedReason, order: Order) => new ActionNotAllowed(reason, detached(order));

async function isOfAnotherOrder(em: EntityManager, paymentId: string, orderId: string): Promise<boolean> {
  const rows = await em.execute<unknown[]>(`select 1 from payment_attempts where payment_id = ? and order_id <> ?`, [
    paymentId,
    orderId,
  ]);
  return rows.length > 0;
}
