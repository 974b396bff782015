import { v5 as uuidv5 } from 'uuid';
import { ProductKind, RefundReason } from '../entities/enums.js';
import { OrderEventType } from '../entities/order-event.js';
import type { OrderItem } from '../entities/order-item.js';
import type { OrderRefund } from '../entities/order-refund.js';
import type { Order, RecordedEvent } from '../entities/order.js';
import type { OutgoingMessage } from '../persistence/outbox-message.js';
import { envelope } from './envelope.js';
import { Topic } from './topics.js';

interface Draft {
  readonly topic: string;
  readonly eventType: string;
  /** Tells messages of one event and topic apart: the instructor, for example. */
  readonly discriminator: string;
  readonly payload: object;
}

/** The announcements of ends: topic and type by event. */
const ENDS: Partial<Record<OrderEventType, readonly [string, string]>> = {
  [OrderEventType.FAILED]: [Topic.ORDER_FAILED, 'CourseOrderFailed'],
  [OrderEventType.EXPIRED]: [Topic.ORDER_EXPIRED, 'CourseOrderExpired'],
  [OrderEventType.CANCELLED]: [Topic.ORDER_CANCELLED, 'CourseOrderCancelled'],
  [OrderEventType.REFUNDED]: [Topic.ORDER_REFUNDED, 'CourseOrderRefunded'],
};

/** Maps an event of an order to the messages that say it to the platform. Pure; needs the order's items. */
export function messagesOf(order: Order, event: RecordedEvent, correlationId: string | null): OutgoingMessage[] {
  return draftsOf(order, event).map((draft) => messageOf(order, draft, event.version, event.occurredAt, correlationId));
}

/**
 * Announces paid items again, under event ids of their own, because the course service forgets failed items but
 * remembers event ids.
 * @param announcement number of the repeat, from 1
 */
export function announceAgain(
  order: Order,
  items: readonly OrderItem[],
  announcement: number,
  now: Date,
  correlationId: string | null,
): OutgoingMessage[] {
  return succeeded(order, items).map((draft) =>
    messageOf(
      order,
      { ...draft, discriminator: `${draft.discriminator}:${announcement}` },
      order.version,
      now,
      correlationId,
    ),
  );
}

/**
 * Asks the payment service for a refund, under an event id of its own; `refundId` tells it that it is the same refund.
 * @param asking number of the question, so that a repeated step makes the same message
 */
export function askForRefund(
  order: Order,
  refund: OrderRefund,
  asking: number,
  now: Date,
  correlationId: string | null,
): OutgoingMessage {
  const draft = refundRequested(order, refund);
  const discriminator = `${draft.discriminator}:${asking}`;
  return messageOf(order, { ...draft, discriminator }, order.version, now, correlationId);
}

function draftsOf(order: Order, event: RecordedEvent): Draft[] {
  if (event.type === OrderEventType.REFUND_APPROVED) return refundApproved(order, event.refund);
  const items = courseItems(order, event.type);
  if (items.length === 0) return [];
  if (event.type === OrderEventType.PLACED) return [created(order, items)];
  if (event.type === OrderEventType.SUCCEEDED) return succeeded(order, items);
  const end = ENDS[event.type];
  if (!end) return [];
  const [topic, eventType] = end;
  return [{ topic, eventType, discriminator: '', payload: announced(order, items, order.totalMinor) }];
}

/** Only events that are announced look at the items, so that the others need not load them. */
function courseItems(order: Order, type: OrderEventType): OrderItem[] {
  if (type !== OrderEventType.PLACED && type !== OrderEventType.SUCCEEDED && !ENDS[type]) return [];
  return order.currentItems.filter(({ kind }) => kind === ProductKind.COURSE);
}

const priced = (item: OrderItem) => ({ courseId: item.productId, price: Number(item.priceMinor) });

function announced(order: Order, items: readonly OrderItem[], amount: bigint) {
  const { id: orderId, buyerId: userId, currency } = order;
  return { orderId, userId, items: items.map(priced), amount: Number(amount), currency };
}

function created(order: Order, items: readonly OrderItem[]): Draft {
  const payload = {
    orderId: order.id,
    userId: order.buyerId,
    items: items.map(priced),
    subtotal: Number(order.subtotalMinor),
    discount: Number(order.discountMinor),
    couponDiscount: 0,
    tax: Number(order.taxMinor),
    total: Number(order.totalMinor),
    currency: order.currency,
  };
  return { topic: Topic.ORDER_CREATED, eventType: 'CourseOrderCreated', discriminator: '', payload };
}

/** One message an instructor with that instructor's whole subtotal of courses, because wallets are credited by it. */
function succeeded(order: Order, items: readonly OrderItem[]): Draft[] {
  const byInstructor = Map.groupBy(items, ({ instructorId }) => instructorId ?? '');
  return [...byInstructor].map(([instructorId, own]) => {
    const subtotal = order.currentItems
      .filter((item) => item.kind === ProductKind.COURSE && (item.instructorId ?? '') === instructorId)
      .reduce((sum, { priceMinor }) => sum + priceMinor, 0n);
    const payload = { ...announced(order, own, subtotal), instructorId };
    return { topic: Topic.ORDER_SUCCEEDED, eventType: 'CourseOrderSucceeded', discriminator: instructorId, payload };
  });
}

/** A refund of what was not delivered is asked for by its saga, when the course service has been asked. */
function refundApproved(order: Order, refund: OrderRefund | undefined): Draft[] {
  if (!refund) throw new Error(`order ${order.id}: an approved refund without the refund`);
  return refund.reason === RefundReason.NOT_FULFILLED ? [] : [refundRequested(order, refund)];
}

function refundRequested(order: Order, refund: OrderRefund): Draft {
  const { id: refundId, paymentId, reason } = refund;
  const amount = Number(refund.amountMinor);
  const payload = {
    refundId,
    paymentId,
    orderId: order.id,
    userId: order.buyerId,
    amount,
    currency: refund.currency,
    reason,
  };
  return { topic: Topic.REFUND_REQUESTED, eventType: 'PaymentRefundRequested', discriminator: refundId, payload };
}

function messageOf(
  order: Order,
  draft: Draft,
  version: number,
  at: Date,
  correlationId: string | null,
): OutgoingMessage {
  const id = uuidv5(`${version}:${draft.topic}:${draft.discriminator}`, order.id);
  const payload = { ...draft.payload, orderVersion: version };
  return {
    id,
    topic: draft.topic,
    key: order.id,
    payload: envelope(id, draft.eventType, at, correlationId, payload),
    headers: correlationId ? { 'x-correlation-id': correlationId } : {},
  };
}
