import { EventActor, RefundStatus } from '../entities/enums.js';
import { BlockedReason } from '../entities/order-actions.js';
import { OrderEvent, OrderEventType } from '../entities/order-event.js';
import { approveRefund, rejectRefund } from '../entities/order-refunding.js';
import { ActionNotAllowed } from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { detached } from '../persistence/change-order.js';
import type { Environment } from './environment.js';
import { changeRefund, settle, type RefundFile, type RefundOutcome } from './refunds.js';
import { InputCheck } from './validation.js';

export interface DecideRefundInput {
  readonly refundId: string;
  readonly note: string | null;
}

export interface SettleRefundInput {
  readonly refundId: string;
  readonly succeeded: boolean;
  readonly reference: string;
}

export type DecideRefund = (operator: Actor, input: DecideRefundInput) => Promise<RefundOutcome>;
export type SettleRefund = (operator: Actor, input: SettleRefundInput) => Promise<RefundOutcome>;

const by = ({ userId }: Actor) => ({ actor: EventActor.OPERATOR, byId: userId });
const answer = ({ order, refund }: RefundFile) => ({ order: detached(order), refund });
const notAllowed = (reason: BlockedReason, { order }: RefundFile) => new ActionNotAllowed(reason, detached(order));
const wrongStatus = (file: RefundFile) => notAllowed(BlockedReason.WRONG_STATUS, file);
/** Nobody decides about an order that they bought. */
const isOwn = (operator: Actor, { order }: RefundFile) => order.buyerId === operator.userId;

/** User id of the person who asked for a refund; null for one that nobody asked for. */
async function requesterOf({ em, order, refund }: RefundFile): Promise<string | null> {
  const asked = { orderId: order.id, refundId: refund.id, type: OrderEventType.REFUND_REQUESTED };
  return (await em.findOne(OrderEvent, asked))?.byId ?? null;
}

const checked = ({ refundId, note }: DecideRefundInput) =>
  new InputCheck().uuid(refundId, 'refundId').note(note).refusal();

/** Approves a requested refund. One that is approved already answers success again. */
export function createApproveRefund(env: Environment): DecideRefund {
  return async (operator, input) =>
    checked(input) ??
    changeRefund(env, input.refundId, async (file) => {
      if (isOwn(operator, file)) return notAllowed(BlockedReason.OWN_ORDER, file);
      if (file.refund.status === RefundStatus.APPROVED) return answer(file);
      if (file.refund.status !== RefundStatus.REQUESTED) return wrongStatus(file);
      if (env.policies.refundFourEyes && (await requesterOf(file)) === operator.userId)
        return notAllowed(BlockedReason.SECOND_PERSON_NEEDED, file);
      approveRefund(file.order, file.refund, by(operator), env.clock.now());
      return answer(file);
    });
}

/** Rejects a requested refund. One that is rejected already answers success again. */
export function createRejectRefund(env: Environment): DecideRefund {
  return async (operator, input) =>
    checked(input) ??
    changeRefund(env, input.refundId, (file) => {
      if (isOwn(operator, file)) return notAllowed(BlockedReason.OWN_ORDER, file);
      if (file.refund.status === RefundStatus.REJECTED) return answer(file);
      if (file.refund.status !== RefundStatus.REQUESTED) return wrongStatus(file);
      rejectRefund(file.order, file.refund, by(operator), input.note, env.clock.now());
      return answer(file);
    });
}

/** Records how an approved refund ended, by its reference. The same reference again answers success again. */
export function createSettleRefund(env: Environment): SettleRefund {
  return async (operator, { refundId, succeeded, reference: given }) => {
    const reference = given.trim();
    const invalid = new InputCheck()
      .uuid(refundId, 'refundId')
      .text(reference, 'reference', { min: 1, max: 200 })
      .refusal();
    if (invalid) return invalid;
    return changeRefund(env, refundId, async (file) => {
      const { refund } = file;
      if (isOwn(operator, file)) return notAllowed(BlockedReason.OWN_ORDER, file);
      const ended = succeeded ? RefundStatus.SUCCEEDED : RefundStatus.FAILED;
      if (refund.status === ended && refund.reference === reference) return answer(file);
      if (refund.status !== RefundStatus.APPROVED) return wrongStatus(file);
      await settle(file, { ...by(operator), succeeded, reference }, env.clock.now());
      return answer(file);
    });
  };
}
