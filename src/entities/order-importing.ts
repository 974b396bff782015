import { v5 as uuidv5, v7 as uuidv7 } from 'uuid';
import { EventActor, FulfilmentStatus, PaymentStatus, RefundReason, RefundStatus } from './enums.js';
import type { CheckoutProvider } from './enums.js';
import { newAttempt } from './new-attempt.js';
import { OrderEvent, OrderEventType } from './order-event.js';
import type { PaymentTimes } from './order-payments.js';
import { deadlineOf } from './payment/payment-effects.js';
import { claimProducts, newItem, totalsOf, type PricedItem } from './order-placing.js';
import { newRefund } from './order-refunding.js';
import { recordRevenue } from './order-revenue.js';
import { isPayable, OrderStatus } from './order-status.js';
import { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';

/** The one payment that an imported order had. */
export interface ImportedPayment {
  readonly paymentId: string;
  readonly provider: CheckoutProvider;
  readonly providerOrderId: string | null;
  readonly state: PaymentStatus;
  /** When it last changed. */
  readonly at: Date;
}

/** An order of another service, checked. */
export interface ImportedOrder {
  readonly id: string;
  readonly buyerId: string;
  readonly status: OrderStatus;
  readonly items: readonly (PricedItem & { readonly id: string })[];
  readonly payment: ImportedPayment | null;
  readonly placedAt: Date;
  readonly updatedAt: Date;
}

/** What an imported order needs beside its source. */
export interface ImportTerms {
  readonly number: string;
  readonly payableMs: number;
  readonly times: PaymentTimes;
  readonly now: Date;
}

/** The note of the event that opens an imported order. */
const IMPORTED = 'imported';

/**
 * Takes over an order of another service with the status it has there. Nothing is announced and no saga begins; refunds
 * and revenue are recorded on the order, for the caller to write together with the event.
 */
export function importOrder(source: ImportedOrder, terms: ImportTerms): { order: Order; event: OrderEvent } {
  const order = bareOrder(source, terms);
  source.items.forEach((item, position) => order.itemRows.add(newItem(order, item.id, item, position)));
  setFulfilment(order);
  const attempt = source.payment && addAttempt(order, source.payment, terms);
  if (holdsProducts(order.status)) claimProducts(order, order.placedAt);
  if (wasPaid(order.status)) countPayment(order, attempt);
  order.expiresAt = deadlineOf(order, terms.now);
  return { order, event: openingEvent(order, attempt, terms.now) };
}

/** True for a status in which an order keeps its products from the buyer's other orders. */
export const holdsProducts = (status: OrderStatus): boolean => isPayable(status) || status === OrderStatus.SUCCEEDED;

const wasPaid = (status: OrderStatus): boolean => status === OrderStatus.SUCCEEDED || status === OrderStatus.REFUNDED;

function bareOrder({ id, buyerId, status, items, placedAt, updatedAt }: ImportedOrder, terms: ImportTerms): Order {
  return Object.assign(new Order(), totalsOf(items), {
    id,
    number: terms.number,
    status,
    statusReason: null,
    statusNote: null,
    fulfilment: FulfilmentStatus.NOT_STARTED,
    buyerId,
    couponCode: null,
    sessionId: null,
    capturedMinor: 0n,
    refundedMinor: 0n,
    revision: 1,
    placedAt,
    payableUntil: new Date(updatedAt.getTime() + terms.payableMs),
    expiresAt: null,
    paidAt: null,
    updatedAt,
    version: 1,
  });
}

/** Nobody followed the delivery: what was paid counts as delivered, what was given back as revoked. */
function setFulfilment(order: Order): void {
  if (!wasPaid(order.status)) return;
  const { FULFILLED, REVOKED } = FulfilmentStatus;
  order.fulfilment = order.status === OrderStatus.REFUNDED ? REVOKED : FULFILLED;
  for (const item of order.currentItems) item.fulfilment = order.fulfilment;
}

/** Under the id that news of the same payment would have given it. */
function addAttempt(order: Order, payment: ImportedPayment, { times, now }: ImportTerms): PaymentAttempt {
  const at = believable(payment.at, order, now);
  const attempt = newAttempt(order, uuidv5(`attempt:${payment.paymentId}`, order.id), payment.provider, at, times);
  attempt.paymentId = payment.paymentId;
  attempt.providerOrderId = payment.providerOrderId;
  attempt.state = payment.state;
  attempt.capture = payment.state === PaymentStatus.SUCCEEDED ? 'ACCEPTED' : null;
  order.attempts.add(attempt);
  return attempt;
}

/** The old service wrote some times of payments in the local time of its machine. */
function believable(at: Date, { placedAt, updatedAt }: Order, now: Date): Date {
  return at >= placedAt && at <= now ? at : updatedAt;
}

/** A payment that was given back tells only when that was: it was made soon after the order, or not at all. */
function countPayment(order: Order, attempt: PaymentAttempt | null): void {
  const total = order.totalMinor;
  const isGivenBack = order.status === OrderStatus.REFUNDED;
  order.paidAt = isGivenBack ? order.placedAt : (attempt?.updatedAt ?? order.updatedAt);
  order.capturedMinor = total;
  if (isGivenBack && attempt) addSettledRefund(order, attempt);
  recordRevenue(order, { orders: 1, gross: total, refunded: isGivenBack ? total : 0n });
}

function addSettledRefund(order: Order, attempt: PaymentAttempt): void {
  const { id, totalMinor, updatedAt } = order;
  const refund = newRefund(order, attempt, uuidv5('imported refund', id), totalMinor, RefundReason.OPERATOR, updatedAt);
  refund.itemIds = order.currentItems.map((item) => item.id);
  refund.moveTo(RefundStatus.SUCCEEDED);
  refund.note = IMPORTED;
  refund.settledAt = updatedAt;
  order.refundedMinor = totalMinor;
  order.addRefund(refund);
}

function openingEvent(order: Order, attempt: PaymentAttempt | null, now: Date): OrderEvent {
  return Object.assign(new OrderEvent(), {
    id: uuidv7(),
    orderId: order.id,
    buyerId: order.buyerId,
    version: order.version,
    type: OrderEventType.PLACED,
    from: null,
    to: order.status,
    fulfilment: order.fulfilment,
    reason: null,
    note: IMPORTED,
    actor: EventActor.SYSTEM,
    byId: null,
    itemId: null,
    paymentId: attempt?.paymentId ?? null,
    refundId: null,
    occurredAt: order.placedAt,
    recordedAt: now,
    correlationId: null,
  });
}
