import { EventActor, RefundReason, RefundStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { isOpenRefund, newRefund, settleRefund } from '../entities/order-refunding.js';
import { Order } from '../entities/order.js';
import { takeIn, type InboxKey } from '../persistence/inbox.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** News of a refund as it came in a message. */
export interface RefundMessage {
  readonly orderId: string;
  readonly paymentId: string;
  readonly refundId: string | null;
  /** Minor units; null where the service does not tell. */
  readonly amount: bigint | null;
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
    const outcomes: RefundMessageOutcome[] = [];
    for (const message of messages) outcomes.push(await record(env, em, message));
    return outcomes;
  });
}

async function record(env: Environment, em: EntityManager, message: RefundMessage): Promise<RefundMessageOutcome> {
  const { orderId } = message;
  const now = env.clock.now();
  await em.execute(`select id from orders where id = ? for no key update`, [orderId]);
  const order = await em.findOne(Order, orderId, { populate: ['attempts', 'itemRows', 'claims'] });
  if (!order) return { rejected: 'unknown order' };
  const refunds = await em.find(OrderRefund, { orderId });
  const refund = matching(order, refunds, message, now);
  if ('rejected' in refund) return refund;
  const isNew = await takeIn(em, [message.inbox], now);
  if (!isNew(message.inbox)) return 'repeated';
  if (!isOpenRefund(refund)) return 'known';
  const isKnown = refunds.includes(refund);
  if (!isKnown) order.addRefund(refund);
  const end = {
    succeeded: message.succeeded,
    reference: message.refundId ?? null,
    actor: EventActor.PAYMENT_SERVICE,
    byId: null,
  };
  settleRefund(order, isKnown ? refunds : [...refunds, refund], refund, end, now);
  await em.flush();
  return 'applied';
}

/** By its id; else the payment's only open refund; else one that an operator made at the payment service. */
function matching(
  order: Order,
  refunds: readonly OrderRefund[],
  { paymentId, refundId, succeeded, amount, eventId }: RefundMessage,
  now: Date,
): OrderRefund | { readonly rejected: string } {
  const named = refundId && refunds.find(({ id }) => id === refundId);
  if (named) return named;
  const ofPayment = refunds.filter((one) => one.paymentId === paymentId);
  const open = ofPayment.filter(isOpenRefund);
  if (open.length > 1) return { rejected: 'several refunds of the payment are open' };
  if (open[0]) return open[0];
  const attempt = order.attempts.getItems().find((one) => one.paymentId === paymentId);
  if (!attempt || !succeeded) return { rejected: 'no refund of the payment is open' };
  const settled = ofPayment.reduce(
    (sum, one) => (one.status === RefundStatus.SUCCEEDED ? sum + one.amountMinor : sum),
    0n,
  );
  const left = attempt.amountMinor - settled;
  const given = amount ?? left;
  if (given <= 0n || given > left) return { rejected: 'more would be given back than was captured' };
  return newRefund(order, attempt, eventId, given, RefundReason.OPERATOR, now);
}
