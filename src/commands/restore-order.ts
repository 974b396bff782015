import { CouponRejected, type OpenOrderExists } from '../entities/cart-refusals.js';
import { OrderActionName } from '../entities/order-actions.js';
import type { PricedItem } from '../entities/order-placing.js';
import { restoreOrder } from '../entities/order-restoring.js';
import { Order } from '../entities/order.js';
import { checkFloatAmounts, type TotalNotPayable } from '../entities/payment/amount-errors.js';
import {
  NotFound,
  ServiceUnavailable,
  type ActionNotAllowed,
  type InvalidInput,
  type VersionConflict,
} from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import { violatedConstraint } from '../persistence/errors.js';
import { NeighbourDown } from '../platform/neighbours.js';
import { couponProblem } from '../policies/coupons.js';
import { actorFor } from './shared/actor-for.js';
import { askAboutCart, judgeCart, type CartRefusal } from './cart.js';
import { explainClaims } from './claims.js';
import type { Environment } from './environment.js';
import { refusalOf } from './order-action.js';
import { restoreSeat, type SeatRefusal } from './restore-seat.js';
import { InputCheck } from './validation.js';

export interface RestoreOrderInput {
  readonly orderId: string;
  readonly couponCode: string | null;
  readonly expectedVersion: number | null;
  /** The operator who restores it for the buyer; absent where the buyer does. */
  readonly operatorId?: string | undefined;
}

export type RestoreOrderOutcome =
  | { readonly order: Order }
  | InvalidInput
  | NotFound
  | ActionNotAllowed
  | VersionConflict
  | CartRefusal
  | SeatRefusal
  | OpenOrderExists
  | CouponRejected
  | TotalNotPayable
  | ServiceUnavailable;

export type RestoreOrder = (actor: Actor, input: RestoreOrderInput) => Promise<RestoreOrderOutcome>;

/** Makes a failed, cancelled or expired order payable again: everything is checked anew, at today's prices. */
export function createRestoreOrder(env: Environment): RestoreOrder {
  return async (actor, input) => {
    const invalid = new InputCheck()
      .uuid(input.orderId, 'orderId')
      .text(input.couponCode, 'couponCode', { min: 1, max: 64 })
      .refusal();
    if (invalid) return invalid;
    const problem = couponProblem(input.couponCode);
    if (input.couponCode !== null && problem) return new CouponRejected(input.couponCode, problem);
    const refusal = await mayRestore(env, actor, input);
    if (refusal instanceof Order) return reprice(env, actor, input, refusal);
    return refusal;
  };
}

/** A first look, so that the neighbours are not asked in vain. @returns the order, or why it cannot be restored */
async function mayRestore(env: Environment, actor: Actor, input: RestoreOrderInput) {
  const found = await changeOrder(
    env.fork,
    input.orderId,
    ['attempts', 'itemRows'],
    async (order, em) => {
      const { expectedVersion } = input;
      const wanted = { name: OrderActionName.RESTORE, actor, expectedVersion, now: env.clock.now() };
      return (await refusalOf(env, em, order, wanted)) ?? order;
    },
    { visibleTo: actor },
  );
  return found ?? new NotFound(input.orderId);
}

async function reprice(
  env: Environment,
  actor: Actor,
  input: RestoreOrderInput,
  order: Order,
): Promise<RestoreOrderOutcome> {
  const courseIds = order.currentItems.map(({ productId }) => productId);
  try {
    if (order.sessionId) return await restoreSeat(env, actor, input, order.sessionId);
    const judged = judgeCart(actor.userId, courseIds, await askAboutCart(env.neighbours, actor.userId, courseIds));
    if (!Array.isArray(judged)) return judged;
    const unpayable = env.policies.paysInFloats ? checkFloatAmounts(judged) : undefined;
    return unpayable ?? (await write(env, actor, input, judged));
  } catch (error) {
    if (error instanceof NeighbourDown) return new ServiceUnavailable(error.service);
    if (violatedConstraint(error) === 'order_claims_pkey') return explainClaims(env, actor.userId, courseIds);
    throw error;
  }
}

/** The state is looked at again: between the questions and now the order may have changed. */
async function write(env: Environment, actor: Actor, input: RestoreOrderInput, items: readonly PricedItem[]) {
  const itemIds = items.map(() => env.newId());
  const restored = await changeOrder(env.fork, input.orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const now = env.clock.now();
    const wanted = { name: OrderActionName.RESTORE, actor, expectedVersion: input.expectedVersion, now };
    const refusal = await refusalOf(env, em, order, wanted);
    if (refusal) return refusal;
    const payableUntil = new Date(now.getTime() + env.policies.payableMs);
    restoreOrder(order, {
      items,
      itemIds,
      couponCode: input.couponCode,
      by: actorFor(order.buyerId, input.operatorId),
      payableUntil,
      now,
    });
    return { order: detached(order) };
  });
  return restored ?? new NotFound(input.orderId);
}
