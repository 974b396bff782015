import type { Environment } from '../commands/environment.js';
import { RefundStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { SETTLEMENT_MS } from '../entities/order-refunding.js';
import type { Order } from '../entities/order.js';
import { RefundStep } from '../entities/saga-steps.js';
import { correlationId } from '../observability/correlation.js';
import { changeOrder } from '../persistence/change-order.js';
import { outboxRow, type OutgoingMessage } from '../persistence/event-recorder.js';
import type { SagaHandler } from './saga-step.js';

export type RefundDecision = 'finish' | 'askAgain' | 'stick';

/** Decides what happens to a refund that is due. Pure. */
export function decideRefund(step: string, status: RefundStatus | undefined): RefundDecision {
  if (status !== RefundStatus.APPROVED) return 'finish';
  return step === RefundStep.ASK_AGAIN ? 'askAgain' : 'stick';
}

/** The message that asks the payment service for a refund once more. */
export type AskRefundAgain = (
  order: Order,
  refund: OrderRefund,
  now: Date,
  correlationId: string | null,
) => OutgoingMessage;

/**
 * Follows an approved refund until it is settled. The platform's payment service does not answer yet: without an answer in
 * time an operator is needed, who settles it by hand or lets it be asked for again.
 */
export function createRefundSaga(env: Environment, askAgain: AskRefundAgain): SagaHandler {
  return async ({ orderId, subjectId, step }) => {
    const refund = subjectId ? await env.fork().findOne(OrderRefund, subjectId) : null;
    const decision = decideRefund(step, refund?.status);
    if (decision === 'finish' || !refund || !orderId) return { do: 'finish' };
    if (decision === 'stick') return { do: 'stick', because: 'the payment service did not settle the refund' };
    const now = env.clock.now();
    await changeOrder(env.fork, orderId, [], (order, em) => {
      em.persist(outboxRow(askAgain(order, refund, now, correlationId()), order, order));
    });
    return { do: 'wait', until: new Date(now.getTime() + SETTLEMENT_MS), step: RefundStep.AWAIT_SETTLEMENT };
  };
}
