import { v5 as uuidv5 } from 'uuid';
import { EventActor, RefundReason, RefundStatus } from './enums.js';
import { OrderEventType } from './order-event.js';
import { OrderRefund } from './order-refund.js';
import type { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';
import { RefundStep } from './saga-steps.js';
import { SagaKind } from './saga.js';

/** How long the payment service may take to answer a refund before an operator is asked, in ms. */
const SETTLEMENT_MS = 24 * 3_600_000;

/**
 * Gives one capture back whole, approved at once. Its id is derived from the payment, so that it happens once.
 * The order itself keeps its status.
 */
export function refundSurplus(
  order: Order,
  attempt: PaymentAttempt,
  now: Date,
  reason: RefundReason = RefundReason.DUPLICATE_PAYMENT,
): void {
  attempt.capture = 'RETURNED';
  const refund = Object.assign(new OrderRefund(), {
    id: uuidv5('surplus', attempt.id),
    orderId: order.id,
    paymentId: attempt.paymentId,
    itemIds: [],
    status: RefundStatus.APPROVED,
    reason,
    amountMinor: attempt.amountMinor,
    currency: attempt.currency,
    note: null,
    reference: null,
    requestedAt: now,
    settledAt: null,
  });
  order.addRefund(refund);
  const detail = { actor: EventActor.SYSTEM, paymentId: attempt.paymentId, refundId: refund.id };
  order.record(OrderEventType.REFUND_APPROVED, detail, now).refund = refund;
  const dueAt = new Date(now.getTime() + SETTLEMENT_MS);
  order.startSaga({ kind: SagaKind.REFUND, step: RefundStep.AWAIT_SETTLEMENT, subjectId: refund.id, dueAt });
}
