import { v5 as uuidv5 } from 'uuid';
import { EventActor, FulfilmentStatus, OrderStatusReason, RefundReason, RefundStatus } from './enums.js';
import { OrderEventType } from './order-event.js';
import type { OrderItem } from './order-item.js';
import { OrderRefund } from './order-refund.js';
import { recordRevenue } from './order-revenue.js';
import { giveUpSeat } from './order-seat.js';
import { OrderStatus } from './order-status.js';
import type { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';
import { leftToRefund } from './refundable.js';
import { RefundStep } from './saga-steps.js';
import { SagaKind } from './saga.js';

/** Who did something to a refund. */
export interface RefundActor {
  readonly actor: EventActor;
  readonly byId: string | null;
}

/** What is asked to be given back. */
export interface RefundRequest extends RefundActor {
  /** Made before the unit of work. */
  readonly id: string;
  readonly items: readonly OrderItem[];
  readonly reason: RefundReason;
  readonly note: string | null;
  /** Decided at once, by an operator or by policy. */
  readonly approved: boolean;
}

/** How a refund ended, as the payment service or an operator says. */
export interface Settlement extends RefundActor {
  readonly succeeded: boolean;
  readonly reference: string | null;
}

/** The payment that completed an order; none for a free one. Needs the order's attempts. */
export function completingPayment(order: Order): PaymentAttempt | undefined {
  return order.attempts.getItems().find(({ capture }) => capture === 'ACCEPTED');
}

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
  const refund = newRefund(order, attempt, uuidv5('surplus', attempt.id), attempt.amountMinor, reason, now);
  order.addRefund(refund);
  approveRefund(order, refund, { actor: EventActor.SYSTEM, byId: null }, now);
}

/** Gives back what the completing payment captured beyond the total, approved at once. Nothing where it captured no more. */
export function refundDifference(order: Order, attempt: PaymentAttempt, now: Date): void {
  const difference = attempt.amountMinor - order.totalMinor;
  if (difference <= 0n) return;
  const refund = newRefund(order, attempt, uuidv5('difference', attempt.id), difference, RefundReason.OVERPAID, now);
  order.addRefund(refund);
  approveRefund(order, refund, { actor: EventActor.SYSTEM, byId: null }, now);
}

/**
 * Asks for items to be given back from the completing payment: their prices, but never more than is left of it.
 * @param refunds all refunds of the order
 * @throws RangeError when nothing was paid or nothing is left
 */
export function requestRefund(
  order: Order,
  refunds: readonly OrderRefund[],
  request: RefundRequest,
  now: Date,
): OrderRefund {
  const payment = completingPayment(order);
  const prices = request.items.reduce((sum, { priceMinor }) => sum + priceMinor, 0n);
  const left = payment ? leftToRefund(payment, refunds) : 0n;
  const amount = prices < left ? prices : left;
  if (!payment || amount <= 0n) throw new RangeError(`nothing of order ${order.id} is left to give back`);
  const refund = newRefund(order, payment, request.id, amount, request.reason, now);
  refund.itemIds = request.items.map(({ id }) => id);
  refund.note = request.note;
  order.addRefund(refund);
  const { actor, byId, note } = request;
  order.record(
    OrderEventType.REFUND_REQUESTED,
    { actor, byId, note, refundId: refund.id, paymentId: refund.paymentId },
    now,
  );
  if (request.approved) approveRefund(order, refund, { actor, byId }, now);
  return refund;
}

/**
 * Decides that a refund is given. The message of the event asks it of the payment service, unless it is of something that
 * was not delivered: then its saga asks the course service first, because a lost confirmation is not a failed enrolment.
 */
export function approveRefund(order: Order, refund: OrderRefund, by: RefundActor, now: Date): void {
  refund.moveTo(RefundStatus.APPROVED);
  refund.settledAt = null;
  const detail = { ...by, paymentId: refund.paymentId, refundId: refund.id };
  order.record(OrderEventType.REFUND_APPROVED, detail, now).refund = refund;
  const step = refund.reason === RefundReason.NOT_FULFILLED ? RefundStep.ASK : RefundStep.AWAIT_SETTLEMENT;
  order.startSaga({ kind: SagaKind.REFUND, step, subjectId: refund.id, dueAt: now });
}

/** Decides that a refund is not given. */
export function rejectRefund(order: Order, refund: OrderRefund, by: RefundActor, note: string | null, now: Date): void {
  refund.moveTo(RefundStatus.REJECTED);
  refund.settledAt = now;
  order.record(OrderEventType.REFUND_REJECTED, { ...by, note, refundId: refund.id, paymentId: refund.paymentId }, now);
}

/**
 * Ends a refund. Given back, its items are revoked, and the order is REFUNDED when its completing payment was given back
 * whole; else only the refund changes. Needs all parts of the order and all its refunds.
 */
export function settleRefund(
  order: Order,
  refunds: readonly OrderRefund[],
  refund: OrderRefund,
  end: Settlement,
  now: Date,
): void {
  const { actor, byId, succeeded, reference } = end;
  refund.moveTo(succeeded ? RefundStatus.SUCCEEDED : RefundStatus.FAILED);
  refund.settledAt = now;
  refund.reference = reference;
  const detail = { actor, byId, refundId: refund.id, paymentId: refund.paymentId };
  const payment = completingPayment(order);
  const ofOrder = payment?.paymentId === refund.paymentId;
  if (!succeeded) {
    order.record(OrderEventType.REFUND_FAILED, detail, now);
    if (!ofOrder || refund.reason === RefundReason.OVERPAID) followFailedReturn(order, refund, now);
    return;
  }
  order.refundedMinor += refund.amountMinor;
  if (ofOrder) revoke(order, refund);
  order.record(OrderEventType.REFUND_SUCCEEDED, detail, now);
  if (!ofOrder || !payment) return;
  const earned = least(order.totalMinor, payment.amountMinor);
  const after = givenBack(refunds, payment);
  const before = refund.reason === RefundReason.OVERPAID ? after : after - refund.amountMinor;
  // What was paid beyond the total never was revenue.
  const lost = least(after, earned) - least(before, earned);
  if (lost > 0n) recordRevenue(order, { orders: 0, gross: 0n, refunded: lost });
  if (order.status === OrderStatus.SUCCEEDED && after >= earned) {
    for (const item of order.currentItems) item.fulfilment = FulfilmentStatus.REVOKED;
    order.fulfilment = FulfilmentStatus.REVOKED;
    order.record(OrderEventType.REFUNDED, { actor: EventActor.SYSTEM, to: OrderStatus.REFUNDED }, now);
    order.claims.removeAll();
    // Given back at the payment service itself: nobody has given up the seat before.
    giveUpSeat(order, { actor, byId, reason: OrderStatusReason.CANCELLED_BY_OPERATOR, note: null }, now);
  }
}

/** Money that is one too many must go back, and nobody will ask for it again: an operator has to see it. */
function followFailedReturn(order: Order, { id }: OrderRefund, now: Date): void {
  order.startSaga({ kind: SagaKind.REFUND, step: RefundStep.RETURN_FAILED, subjectId: id, dueAt: now });
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** What was given back of a payment, without what had been paid beyond the total. */
function givenBack(refunds: readonly OrderRefund[], { paymentId }: PaymentAttempt): bigint {
  const settled = refunds.filter(
    (one) =>
      one.paymentId === paymentId && one.status === RefundStatus.SUCCEEDED && one.reason !== RefundReason.OVERPAID,
  );
  return settled.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

function revoke(order: Order, { itemIds }: OrderRefund): void {
  for (const item of order.currentItems) if (itemIds.includes(item.id)) item.fulfilment = FulfilmentStatus.REVOKED;
  const rest = order.currentItems.filter(({ fulfilment }) => fulfilment !== FulfilmentStatus.REVOKED);
  if (rest.length === 0) order.fulfilment = FulfilmentStatus.REVOKED;
  else if (rest.every(({ fulfilment }) => fulfilment === FulfilmentStatus.FULFILLED))
    order.fulfilment = FulfilmentStatus.FULFILLED;
}

/** A refund of one capture, not decided yet. */
export function newRefund(
  order: Order,
  attempt: PaymentAttempt,
  id: string,
  amountMinor: bigint,
  reason: RefundReason,
  now: Date,
): OrderRefund {
  return Object.assign(new OrderRefund(), {
    id,
    orderId: order.id,
    paymentId: attempt.paymentId,
    itemIds: [] as string[],
    status: RefundStatus.REQUESTED,
    reason,
    amountMinor,
    currency: attempt.currency,
    note: null,
    reference: null,
    requestedAt: now,
    settledAt: null,
  });
}
