import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { isClosedUnpaid, isPayable, OrderStatus } from './order-status.js';
import type { OrderItem } from './order-item.js';
import type { OrderRefund } from './order-refund.js';
import type { Order } from './order.js';
import type { PaymentAttempt } from './payment-attempt.js';
import { SessionBookingStatus } from './booking-status.js';
import { isOpenRefund, leftToRefund, refundOf } from './refundable.js';
import { isCancellationClosed } from './seat-window.js';

export enum OrderActionName {
  PAY = 'PAY',
  CANCEL = 'CANCEL',
  RESTORE = 'RESTORE',
  REQUEST_REFUND = 'REQUEST_REFUND',
}
registerEnumType(OrderActionName, {
  name: 'OrderActionName',
  description: 'What can be done with an order.',
  valuesConfig: {
    PAY: { description: 'startPayment.' },
    CANCEL: { description: 'cancelOrder.' },
    RESTORE: { description: 'restoreOrder.' },
    REQUEST_REFUND: { description: 'requestRefund.' },
  },
});

export enum BlockedReason {
  WRONG_STATUS = 'WRONG_STATUS',
  NOT_OWNER = 'NOT_OWNER',
  PAYMENT_IN_PROGRESS = 'PAYMENT_IN_PROGRESS',
  EXPIRED = 'EXPIRED',
  REFUND_WINDOW_CLOSED = 'REFUND_WINDOW_CLOSED',
  REFUND_OPEN = 'REFUND_OPEN',
  NOTHING_TO_REFUND = 'NOTHING_TO_REFUND',
  CANCELLATION_WINDOW_CLOSED = 'CANCELLATION_WINDOW_CLOSED',
  NOT_PRICED = 'NOT_PRICED',
  OWN_ORDER = 'OWN_ORDER',
  SECOND_PERSON_NEEDED = 'SECOND_PERSON_NEEDED',
}
registerEnumType(BlockedReason, {
  name: 'BlockedReason',
  description: 'Why something cannot be done now.',
  valuesConfig: {
    WRONG_STATUS: { description: 'Its status does not allow it.' },
    NOT_OWNER: { description: 'Only its owner may.' },
    PAYMENT_IN_PROGRESS: { description: 'The result of a payment is awaited.' },
    EXPIRED: { description: 'Its time has passed.' },
    REFUND_WINDOW_CLOSED: { description: 'The time in which a refund may be asked for has passed.' },
    REFUND_OPEN: { description: 'A refund of it is under way.' },
    NOTHING_TO_REFUND: { description: 'No money is left to give back.' },
    CANCELLATION_WINDOW_CLOSED: { description: 'It begins too soon to be cancelled.' },
    NOT_PRICED: { description: 'It costs nothing.' },
    SECOND_PERSON_NEEDED: { description: 'Whoever asked for the refund cannot approve it: another operator must.' },
    OWN_ORDER: { description: 'An operator cannot decide about an order that they bought.' },
  },
});

/** One action and whether it can be done now. */
@ObjectType({ description: 'Something that can be done with an order, or why not.' })
export class OrderAction {
  @Field(() => OrderActionName, { description: 'What.' })
  name!: OrderActionName;

  @Field(() => Boolean, { description: 'Whether it can be done now.' })
  allowed!: boolean;

  @Field(() => BlockedReason, { nullable: true, description: 'Why not.' })
  blockedReason!: BlockedReason | null;
}

/** Who asks, and what the answer depends on beside the order itself. */
export interface ActionFacts {
  readonly isOwner: boolean;
  readonly isOperator: boolean;
  readonly attempts: readonly PaymentAttempt[];
  readonly refunds: readonly OrderRefund[];
  readonly refundWindowMs: number;
  /** For an order of a session: its booking, and when the session begins. */
  readonly seat: SeatFacts | null;
  readonly now: Date;
}

/** What the refund of a seat depends on. */
export interface SeatFacts {
  /** Of the newest booking. */
  readonly status: SessionBookingStatus | null;
  readonly startsAt: Date | null;
  readonly cancellationMs: number;
}

const awaitsResult = ({ attempts, now }: ActionFacts) => attempts.some((one) => one.confirmedAt && one.isLive(now));
const lateMoney = ({ attempts }: ActionFacts) => attempts.some((one) => one.capture === 'UNDECIDED');

const rules: Readonly<Record<OrderActionName, (order: Order, facts: ActionFacts) => BlockedReason | null>> = {
  PAY(order, facts) {
    if (!facts.isOwner) return BlockedReason.NOT_OWNER;
    if (lateMoney(facts)) return BlockedReason.PAYMENT_IN_PROGRESS;
    if (!isPayable(order.status)) return BlockedReason.WRONG_STATUS;
    if (order.expiresAt && order.expiresAt <= facts.now) return BlockedReason.EXPIRED;
    return awaitsResult(facts) ? BlockedReason.PAYMENT_IN_PROGRESS : null;
  },
  CANCEL(order, facts) {
    if (!facts.isOwner && !facts.isOperator) return BlockedReason.NOT_OWNER;
    if (!isPayable(order.status)) return BlockedReason.WRONG_STATUS;
    return awaitsResult(facts) ? BlockedReason.PAYMENT_IN_PROGRESS : null;
  },
  RESTORE(order, facts) {
    if (!facts.isOwner) return BlockedReason.NOT_OWNER;
    if (!isClosedUnpaid(order.status)) return BlockedReason.WRONG_STATUS;
    return lateMoney(facts) ? BlockedReason.PAYMENT_IN_PROGRESS : null;
  },
  REQUEST_REFUND(order, facts) {
    if (!facts.isOwner && !facts.isOperator) return BlockedReason.NOT_OWNER;
    if (order.status !== OrderStatus.SUCCEEDED || !order.paidAt) return BlockedReason.WRONG_STATUS;
    const payment = facts.attempts.find(({ capture }) => capture === 'ACCEPTED');
    if (!payment) return BlockedReason.NOTHING_TO_REFUND;
    if (leftToRefund(payment, facts.refunds) <= 0n) {
      const own = facts.refunds.filter(({ paymentId }) => paymentId === payment.paymentId);
      return own.some(isOpenRefund) ? BlockedReason.REFUND_OPEN : BlockedReason.NOTHING_TO_REFUND;
    }
    if (facts.isOperator && !facts.isOwner) return null;
    if (facts.seat) return seatRefundBlocked(facts.seat, facts.now);
    const closesAt = order.paidAt.getTime() + facts.refundWindowMs;
    return facts.now.getTime() <= closesAt ? null : BlockedReason.REFUND_WINDOW_CLOSED;
  },
};

/** A seat is given back as it is cancelled: until some time before the session. One that was given up before may always be. */
function seatRefundBlocked(seat: SeatFacts, now: Date): BlockedReason | null {
  const { status } = seat;
  const isTooLate = status === SessionBookingStatus.CONFIRMED && isCancellationClosed({ ...seat, now });
  return isTooLate || status === SessionBookingStatus.COMPLETED ? BlockedReason.CANCELLATION_WINDOW_CLOSED : null;
}

/** Why an action cannot be done now, or null when it can. The mutations refuse by this same function. */
export function blockedReason(name: OrderActionName, order: Order, facts: ActionFacts): BlockedReason | null {
  return rules[name](order, facts);
}

/** Why one item cannot be given back now, or null when it can: one open refund an item, and nothing twice. */
export function refundBlockedReason(item: OrderItem, refunds: readonly OrderRefund[]): BlockedReason | null {
  const earlier = refundOf(item, refunds);
  if (earlier && isOpenRefund(earlier)) return BlockedReason.REFUND_OPEN;
  return earlier || item.priceMinor === 0n ? BlockedReason.NOTHING_TO_REFUND : null;
}

/** All actions of an order, allowed or not. */
export function availableActions(order: Order, facts: ActionFacts): OrderAction[] {
  return Object.values(OrderActionName).map((name) => {
    const reason = blockedReason(name, order, facts);
    return Object.assign(new OrderAction(), { name, allowed: reason === null, blockedReason: reason });
  });
}
