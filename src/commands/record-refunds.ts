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
  const meant = refundMeant(order, refunds, message);
  if ('rejected' in meant) return meant;
  const isNew = await takeIn(em, [message.inbox], now);
  if (!isNew(message.inbox)) return 'repeated';
  if (meant.is === 'ended') return 'known';
  const refund = meant.is === 'open' ? meant.refund : newReturn(order, meant, message, now);
  const all = meant.is === 'open' ? refunds : [...refunds, refund];
  const { succeeded, refundId: reference } = message;
  await settle(
    { order, refund, refunds: all, em },
    { succeeded, reference, actor: EventActor.PAYMENT_SERVICE, byId: null },
    now,
  );
  await em.flush();
  return 'applied';
}

/** What a message is about: a refund that is open, one that has ended just so, or money given back without being asked. */
type Meant =
  | { readonly is: 'open'; readonly refund: OrderRefund }
  | { readonly is: 'ended' }
  | { readonly is: 'unasked'; readonly attempt: PaymentAttempt; readonly amount: bigint }
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
  const ofPayment = refunds.filter((one) => one.paymentId === paymentId);
  const open = named ? [named].filter(mayStillEnd) : fitting(ofPayment.filter(isOpenRefund), amount);
  if (open.length > 1) return { rejected: 'several refunds of the payment are open' };
  const [refund] = open;
  if (!refund) return unasked(order, ofPayment, message);
  if (!succeeded) return { is: 'open', refund };
  if (amount !== null && amount !== refund.amountMinor) return { rejected: 'the amount is not that of the refund' };
  const attempt = findAttempt(order, paymentId);
  // The money of a refund that had failed may have gone back by another one since.
  const isGone = !isOpenRefund(refund) && attempt && refund.amountMinor > leftToRefund(attempt, ofPayment);
  return isGone ? { rejected: 'more would be given back than was captured' } : { is: 'open', refund };
}

/** Of several open refunds the only one with that amount; all of them where that decides nothing. */
function fitting(open: readonly OrderRefund[], amount: bigint | null): readonly OrderRefund[] {
  const exact = open.filter(({ amountMinor }) => amountMinor === amount);
  return exact.length === 1 ? exact : open;
}

/** A refund that was told to have failed may be told to have succeeded all the same; one that was refused here may not. */
const mayStillEnd = (refund: OrderRefund): boolean => isOpenRefund(refund) || refund.status === RefundStatus.FAILED;

/** Somebody gave money back at the payment service itself, or after the refund had been refused here. */
function unasked(
  order: Order,
  ofPayment: readonly OrderRefund[],
  { paymentId, succeeded, amount }: RefundMessage,
): Meant {
  const attempt = findAttempt(order, paymentId);
  if (!attempt || attempt.capture === null || !succeeded) return { rejected: 'no refund of the payment is open' };
  const isFirst = ofPayment.every(({ status }) => status !== RefundStatus.SUCCEEDED);
  if (amount === null && !isFirst) return { rejected: 'how much was given back cannot be told' };
  const given = amount ?? attempt.amountMinor;
  const tooMuch = given > leftToRefund(attempt, ofPayment);
  return tooMuch
    ? { rejected: 'more would be given back than was captured' }
    : { is: 'unasked', attempt, amount: given };
}

function newReturn(
  order: Order,
  { attempt, amount }: Extract<Meant, { is: 'unasked' }>,
  { eventId }: RefundMessage,
  now: Date,
): OrderRefund {
  const refund = newRefund(order, attempt, eventId, amount, RefundReason.OPERATOR, now);
  order.addRefund(refund);
  return refund;
}
