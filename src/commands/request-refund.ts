import { FulfilmentStatus, OrderStatusReason, RefundReason } from '../entities/enums.js';
import { BlockedReason, OrderActionName, refundBlockedReason } from '../entities/order-actions.js';
import type { OrderItem } from '../entities/order-item.js';
import { OrderRefund } from '../entities/order-refund.js';
import { requestRefund } from '../entities/order-refunding.js';
import { giveUpSeat } from '../entities/order-seat.js';
import { Order } from '../entities/order.js';
import {
  ActionNotAllowed,
  InvalidField,
  InvalidInput,
  NotFound,
  VersionConflict,
  type IdempotencyConflict,
  type AccountBlocked,
} from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { isTaken, rememberWith, requestHash, type RequestKey } from '../persistence/idempotency.js';
import type { Environment } from './environment.js';
import { createPerformOnce } from './idempotent-call.js';
import { refusalOf } from './order-action.js';
import { byPerson } from './refunds.js';
import { InputCheck } from './validation.js';

export interface RequestRefundInput {
  readonly orderId: string;
  /** Null: everything that is left. */
  readonly itemIds: readonly string[] | null;
  readonly note: string | null;
  readonly idempotencyKey: string | null;
}

export type RequestRefundOutcome =
  | { readonly order: Order; readonly refund: OrderRefund; readonly replayed: boolean }
  | InvalidInput
  | NotFound
  | ActionNotAllowed
  | IdempotencyConflict
  | AccountBlocked;

export type RequestRefund = (actor: Actor, input: RequestRefundInput) => Promise<RequestRefundOutcome>;

/** Asks for money back: by the buyer inside the window, or by an operator at any time, then approved at once. */
export function createRequestRefund(env: Environment): RequestRefund {
  const performOnce = createPerformOnce(env);
  return async (actor, input) => {
    const check = new InputCheck().uuid(input.orderId, 'orderId').note(input.note).idempotencyKey(input.idempotencyKey);
    input.itemIds?.forEach((id, i) => check.uuid(id, `itemIds[${i}]`));
    check.expect(input.itemIds?.length !== 0, 'itemIds', 'is empty');
    const invalid = check.refusal();
    if (invalid) return invalid;
    const request = requestKeyOf(actor, input);
    return performOnce<RequestRefundOutcome>({
      request,
      again: (refundId) => answerAgain(env, refundId),
      perform: () => write(env, actor, input, request),
      // A refund is remembered in the transaction that makes it: nobody ever waits for one.
      busy: () => {
        throw new Error('a key of a refund is neither free nor used');
      },
    });
  };
}

function requestKeyOf(
  actor: Actor,
  { orderId, itemIds, idempotencyKey: key }: RequestRefundInput,
): RequestKey | undefined {
  if (key === null) return undefined;
  const hash = requestHash({ orderId, itemIds: itemIds && [...itemIds].sort() });
  return { viewerId: actor.userId, operation: 'requestRefund', key, requestHash: hash };
}

async function answerAgain(env: Environment, refundId: string): Promise<RequestRefundOutcome> {
  const em = env.fork();
  const refund = await em.findOneOrFail(OrderRefund, refundId);
  const order = await em.findOneOrFail(Order, refund.orderId);
  return { order: detached(order), refund, replayed: true };
}

async function write(
  env: Environment,
  actor: Actor,
  input: RequestRefundInput,
  request: RequestKey | undefined,
): Promise<RequestRefundOutcome | 'again'> {
  const id = env.newId();
  const outcome = await changeOrder(
    env.fork,
    input.orderId,
    ['attempts', 'itemRows'],
    async (order, em) => {
      const now = env.clock.now();
      if (request && (await isTaken(em, request, now))) return 'again' as const;
      const wanted = { name: OrderActionName.REQUEST_REFUND, actor, expectedVersion: null, now };
      const refusal = await refusalOf(env, em, order, wanted);
      if (refusal && !(refusal instanceof VersionConflict)) return refusal;
      const refunds = await em.find(OrderRefund, { orderId: order.id });
      const items = chosenItems(input, order, refunds);
      if (!Array.isArray(items)) return items;
      const asked = { id, items, note: input.note, ...byPerson(actor, order), ...decisionOf(env, actor, order, items) };
      const refund = requestRefund(order, refunds, asked, now);
      giveUpSeat(order, { ...byPerson(actor, order), reason: endReason(actor, order), note: input.note }, now);
      if (request) rememberWith(em, request, refund.id, now);
      return { order: detached(order), refund, replayed: false };
    },
    { visibleTo: actor },
  );
  return outcome ?? new NotFound(input.orderId);
}

/** A seat whose money is asked back is given up at once. */
const endReason = (actor: Actor, { buyerId }: Order): OrderStatusReason =>
  actor.userId === buyerId ? OrderStatusReason.CANCELLED_BY_BUYER : OrderStatusReason.CANCELLED_BY_OPERATOR;

/** Why a refund is given, and whether it is approved at once. */
function decisionOf(env: Environment, actor: Actor, order: Order, items: readonly OrderItem[]) {
  const byOperator = actor.isOperator && actor.userId !== order.buyerId;
  // Who gives a seat up in time has a right to the money: nobody needs to approve it.
  const { refundsApprovedAtOnce, refundFourEyes } = env.policies;
  const approved = (refundsApprovedAtOnce || order.sessionId !== null) && !refundFourEyes;
  if (!byOperator) return { reason: RefundReason.REQUESTED_BY_BUYER, approved };
  const isStuck = items.every(({ fulfilment }) => fulfilment === FulfilmentStatus.STUCK);
  return { reason: isStuck ? RefundReason.NOT_FULFILLED : RefundReason.OPERATOR, approved: !refundFourEyes };
}

/** The items that are meant: those named, else all that can be given back. */
function chosenItems(
  { itemIds }: RequestRefundInput,
  order: Order,
  refunds: readonly OrderRefund[],
): OrderItem[] | InvalidInput | ActionNotAllowed {
  const items = order.currentItems;
  const refusal = (reason: BlockedReason) => new ActionNotAllowed(reason, detached(order));
  if (itemIds === null) {
    const free = items.filter((item) => refundBlockedReason(item, refunds) === null);
    return free.length > 0 ? free : refusal(BlockedReason.NOTHING_TO_REFUND);
  }
  const wanted = itemIds.map((id) => id.toLowerCase());
  const strange = wanted.flatMap((id, i) => (items.some((item) => item.id === id) ? [] : [i]));
  if (strange.length > 0)
    return new InvalidInput(strange.map((i) => new InvalidField(`itemIds[${i}]`, 'is no item of the order')));
  const chosen = items.filter(({ id }) => wanted.includes(id));
  const [blocked] = chosen.flatMap((item) => refundBlockedReason(item, refunds) ?? []);
  return blocked ? refusal(blocked) : chosen;
}
