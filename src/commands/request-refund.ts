import { FulfilmentStatus, RefundReason } from '../entities/enums.js';
import { BlockedReason, OrderActionName } from '../entities/order-actions.js';
import type { OrderItem } from '../entities/order-item.js';
import { OrderRefund } from '../entities/order-refund.js';
import { refundableItems, requestRefund } from '../entities/order-refunding.js';
import { Order } from '../entities/order.js';
import {
  ActionNotAllowed,
  IdempotencyConflict,
  InvalidField,
  InvalidInput,
  NotFound,
  VersionConflict,
} from '../entities/refusals.js';
import { maySeeOrder, type Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { violatedConstraint } from '../persistence/errors.js';
import { remembered, rememberWith, requestHash, type RequestKey } from '../persistence/idempotency.js';
import type { Environment } from './environment.js';
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
  | IdempotencyConflict;

export type RequestRefund = (actor: Actor, input: RequestRefundInput) => Promise<RequestRefundOutcome>;

/** Asks for money back: by the buyer inside the window, or by an operator at any time, then approved at once. */
export function createRequestRefund(env: Environment): RequestRefund {
  return async (actor, input) => {
    const check = new InputCheck().uuid(input.orderId, 'orderId').note(input.note).idempotencyKey(input.idempotencyKey);
    input.itemIds?.forEach((id, i) => check.uuid(id, `itemIds[${i}]`));
    check.expect(input.itemIds?.length !== 0, 'itemIds', 'is empty');
    const invalid = check.refusal();
    if (invalid) return invalid;
    const request = requestKeyOf(actor, input);
    const before = request && (await replay(env, request));
    if (before) return before;
    try {
      return await write(env, actor, input, request);
    } catch (error) {
      const raced = request && violatedConstraint(error) === 'idempotency_pkey' && (await replay(env, request));
      if (raced) return raced;
      throw error;
    }
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

async function replay(env: Environment, request: RequestKey): Promise<RequestRefundOutcome | undefined> {
  const known = await remembered(env.fork, request, env.clock.now());
  if (known.is === 'other') return new IdempotencyConflict(request.key);
  if (known.is !== 'done') return undefined;
  const em = env.fork();
  const refund = await em.findOneOrFail(OrderRefund, known.result);
  const order = await em.findOneOrFail(Order, refund.orderId);
  return { order: detached(order), refund, replayed: true };
}

async function write(
  env: Environment,
  actor: Actor,
  input: RequestRefundInput,
  request: RequestKey | undefined,
): Promise<RequestRefundOutcome> {
  const id = env.newId();
  const outcome = await changeOrder(env.fork, input.orderId, ['attempts', 'itemRows'], async (order, em) => {
    if (!maySeeOrder(actor, order)) return undefined;
    const now = env.clock.now();
    const wanted = { name: OrderActionName.REQUEST_REFUND, actor, expectedVersion: null, now };
    const refusal = await refusalOf(env, em, order, wanted);
    if (refusal && !(refusal instanceof VersionConflict)) return refusal;
    const items = chosenItems(input, order, await em.find(OrderRefund, { orderId: order.id }));
    if (!Array.isArray(items)) return items;
    const byOperator = actor.isOperator && actor.userId !== order.buyerId;
    const reason = byOperator ? operatorsReason(order) : RefundReason.REQUESTED_BY_BUYER;
    const approved = byOperator || env.policies.refundsApprovedAtOnce;
    const refund = requestRefund(
      order,
      { id, items, reason, note: input.note, approved, ...byPerson(actor, order) },
      now,
    );
    if (request) rememberWith(em, request, refund.id, now);
    return { order: detached(order), refund, replayed: false };
  });
  return outcome ?? new NotFound(input.orderId);
}

const operatorsReason = ({ fulfilment }: Order) =>
  fulfilment === FulfilmentStatus.STUCK ? RefundReason.NOT_FULFILLED : RefundReason.OPERATOR;

function chosenItems(
  { itemIds }: RequestRefundInput,
  order: Order,
  refunds: readonly OrderRefund[],
): OrderItem[] | InvalidInput | ActionNotAllowed {
  const left = refundableItems(order, refunds);
  if (itemIds === null)
    return left.length > 0 ? left : new ActionNotAllowed(BlockedReason.NOTHING_TO_REFUND, detached(order));
  const wanted = new Set(itemIds.map((id) => id.toLowerCase()));
  const unknown = itemIds.flatMap((id, i) => (left.some((item) => item.id === id.toLowerCase()) ? [] : [i]));
  if (unknown.length > 0)
    return new InvalidInput(unknown.map((i) => new InvalidField(`itemIds[${i}]`, 'is no item that can be given back')));
  return left.filter(({ id }) => wanted.has(id));
}
