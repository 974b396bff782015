import { OrderEventType } from './order-event.js';
import type { OrderRefund } from './order-refund.js';
import type { Order } from './order.js';

/** What a buyer is told by e-mail and in the app. */
export type NoticeKind = 'RECEIPT' | 'PAYMENT_FAILED' | 'EXPIRED' | 'REFUND';

/** A notice with everything its words need. */
export interface FullNotice {
  readonly kind: NoticeKind;
  /** The version of the order that it is about. */
  readonly version: number;
  /** With its items. */
  readonly order: Order;
  readonly refund: OrderRefund | null;
  /** Null: no e-mail can be sent. */
  readonly email: string | null;
}

const KINDS: Partial<Record<OrderEventType, NoticeKind>> = {
  [OrderEventType.SUCCEEDED]: 'RECEIPT',
  [OrderEventType.FAILED]: 'PAYMENT_FAILED',
  [OrderEventType.EXPIRED]: 'EXPIRED',
  [OrderEventType.REFUND_SUCCEEDED]: 'REFUND',
};

/** Which notice an event makes; null for most. Pure. */
export function noticeKindOf(type: OrderEventType): NoticeKind | null {
  return KINDS[type] ?? null;
}
