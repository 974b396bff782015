import { EventActor, RefundReason, RefundStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { newRefund } from '../entities/order-refunding.js';
import { Order } from '../entities/order.js';
import { findAttempt } from '../entities/order-payments.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import { isOpenRefund, leftToRefund } from '../entities/refundable.js';
import { lockOrders } from '../persistence/change-order.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import { attachBookings } from '../persistence/order-bookings.js';
import type { EntityManager } from '../persistence/orm.js';
import { lockSeatsOfOrders } from '../persistence/seats.js';
import type { Environment } from './environment.js';
import { settle } from './refunds.js';

/** News of a refund as it came in a message. */
export interface RefundMessage {
  readonly orderId: string;
  readonly paymentId: string;
  readonly refundId: string | null;
  /** Minor units; null where the service does not tell. */
  readonly amount: bigint | null;
  /** The user whom the message names, in lower case; absent where it names none. */
  readonly buyerId?: string;
  /** Absent where the service does not tell. */
  readonly currency?: string;
  readonly succeeded: boolean;
  readonly eventId: string;
  readonly inbox: InboxKey;
}

export type RefundMessageOutcome = 'applied' | 'known' | 'repeated' | { readonly rejected: string };

/** Ends refunds as the payment service says, one message after the other in one transaction. */
export async function recordRefunds(
  env: Environment,
  messages: readonly RefundMessage[],
): Promise<RefundMessageOutcome[]> {
  return env.fork().transactional(async (em) => {
    const ids = messages.map(({ orderId }) => orderId);
    await lockOrders(em, ids);
    // Each message is written by itself: the seats it may free are locked in one order before.
    await lockSeatsOfOrders(em, ids);
    const outcomes: RefundMessageOutcome[] = [];
    for (const message of messages) outcomes.push(await record(env, em, message));
    return outcomes;
  });
}

async function record(env: Environment, em: EntityManager, message: RefundMessage): Promise<RefundMessageOutcome> {
  const { orderId } = message;
  const now = env.clock.now();
  const order = await em.findOne(Order, orderId, { populate: ['attempts', 'itemRows', 'claims'] });
  if (!order) return { rejected: 'unknown order' };
  await attachBookings(em, [order]);
  const refunds = await em.find(OrderRefund, { orderId });
  const meant = (await isOfAnotherOrder(em, refunds, message))
    ? { rejected: 'the refund is of another order' }
    : refundMeant(order, refunds, message);
  if ('rejected' in meant) return meant;
  const isNew = await takeIn(em, [message.inbox], now);
  if (!isNew(message.inbox)) return 'repeated';
  if (meant.is === 'ended') return 'known';
  const { succeeded, refundId: reference } = message;
  const end = { succeeded, reference, actor: EventActor.PAYMENT_SERVICE, byId: null };
  const made = meant.unasked ? [newReturn(order, meant.unasked, message, now)] : [];
  const all = [...refunds, ...made];
  for (const refund of [...meant.refunds, ...made]) await settle({ order, refund, refunds: all, em }, end, now);
  await em.flush();
  return 'applied';
}

/** The payment service may name a refund of its own, but none that is known to be of another order. */
async function isOfAnotherOrder(
  em: EntityManager,
  refunds: readonly OrderRefund[],
  { refundId }: RefundMessage,
): Promise<boolean> {
  if (refundId === null || refunds.some(({ id }) => id === refundId)) return false;
  return (await em.count(OrderRefund, { id: refundId })) > 0;
}

/** Money that was given back without being asked. */
interface Unasked {
  readonly attempt: PaymentAttempt;
  readonly amount: bigint;
}

/** What a message is about: refunds that it ends and money that nobody had asked for, or a refund that has ended just so. */
type Meant =
  | { readonly is: 'applicable'; readonly refunds: readonly OrderRefund[]; readonly unasked?: Unasked }
  | { readonly is: 'ended' }
  | { readonly rejected: string };

function refundMeant(order: Order, refunds: readonly OrderRefund[], message: RefundMessage): Meant {
  const { paymentId, refundId, amount, succeeded, buyerId, currency } = message;
  if (buyerId !== undefined && buyerId !== order.buyerId) return { rejected: 'the refund names another user' };
  if (currency !== undefined && currency !== order.currency) return { rejected: 'the refund names another currency' };
  const named = refunds.find(({ id }) => id === refundId);
  if (named && named.paymentId !== paymentId) return { rejected: 'the refund is of another payment' };
  const ended = succeeded ? RefundStatus.SUCCEEDED : RefundStatus.FAILED;
  if (named?.status === ended) return { is: 'ended' };
  if (named?.status === RefundStatus.SUCCEEDED) return { rejected: 'the refund was given back before' };
  const attempt = findAttempt(order, paymentId);
  const ofPayment = refunds.filter((one) => one.paymentId === paymentId);
  const whole = named ? undefined : wholePayment(ofPayment, attempt, message);
  if (whole) return whole;
  const meant = named ? [named].filter(mayStillEnd) : refundsThatFit(ofPayment, attempt, message);
  if (meant.length > 1) return { rejected: 'several refunds of the payment are open' };
  const [refund] = meant;
  if (!refund) return unasked(attempt, ofPayment, message);
  if (amount !== null && amount !== refund.amountMinor) return { rejected: 'the amount is not that of the refund' };
  // The money of a refund that had failed may have gone back by another one since.
  const isGone = succeeded && !isOpenRefund(refund) && attempt && refund.amountMinor > leftToRefund(attempt, ofPayment);
  return isGone ? { rejected: 'more would be given back than was captured' } : { is: 'applicable', refunds: [refund] };
}

/**
 * The open refunds of a payment, of several only the one with that amount. Where none is open, the only one that had failed
 * and has exactly the amount: its money went back after all.
 */
function refundsThatFit(
  ofPayment: readonly OrderRefund[],
  attempt: PaymentAttempt | undefined,
  { amount, succeeded }: RefundMessage,
): readonly OrderRefund[] {
  const open = ofPayment.filter(isOpenRefund);
  const exact = open.filter(({ amountMinor }) => amountMinor === amount);
  if (open.length > 0) return exact.length === 1 ? exact : open;
  const given = amount ?? attempt?.amountMinor;
  const failed = ofPayment.filter(({ status, amountMinor }) => status === RefundStatus.FAILED && amountMinor === given);
  return succeeded && failed.length === 1 ? failed : [];
}

/** A payment that was given back whole while parts of it were on their way back: these have ended, and the rest went too. */
function wholePayment(
  ofPayment: readonly OrderRefund[],
  attempt: PaymentAttempt | undefined,
  { amount, succeeded }: RefundMessage,
): Meant | undefined {
  const open = ofPayment.filter(isOpenRefund);
  if (!succeeded || !attempt || attempt.capture === null || open.length === 0) return undefined;
  const rest = leftToRefund(attempt, ofPayment);
  const onTheirWay = open.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  if (rest <= 0n || amount !== rest + onTheirWay) return undefined;
  return { is: 'applicable', refunds: open, unasked: { attempt, amount: rest } };
}

/** A refund that failed may still be reported as given back; one that was refused here may not. */
const mayStillEnd = (refund: OrderRefund): boolean => isOpenRefund(refund) || refund.status === RefundStatus.FAILED;

/** Somebody gave money back at the payment service itself, or after the refund had been refused here. */
function unasked(
  attempt: PaymentAttempt | undefined,
  ofPayment: readonly OrderRefund[],
  { succeeded, amount }: RefundMessage,
): Meant {
  if (!attempt || attempt.capture === null || !succeeded) return { rejected: 'no refund of the payment is open' };
  const isFirst = ofPayment.every(({ status }) => status !== RefundStatus.SUCCEEDED);
  if (amount === null && !isFirst) return { rejected: 'how much was given back cannot be told' };
  const given = amount ?? attempt.amountMinor;
  if (given > leftToRefund(attempt, ofPayment)) return { rejected: 'more would be given back than was captured' };
  return { is: 'applicable', refunds: [], unasked: { attempt, amount: given } };
}

function newReturn(order: Order, { attempt, amount }: Unasked, { eventId }: RefundMessage, now: Date): OrderRefund {
  const refund = newRefund(order, attempt, eventId, amount, RefundReason.OPERATOR, now);
  order.addRefund(refund);
  return refund;
}
