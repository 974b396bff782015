import { EventActor, OrderStatusReason } from '../entities/enums.js';
import { OrderActionName } from '../entities/order-actions.js';
import { cancelOrder } from '../entities/order-closing.js';
import { OrderStatus } from '../entities/order-status.js';
import type { Order } from '../entities/order.js';
import {
  NotFound,
  type ActionNotAllowed,
  type InvalidInput,
  type VersionConflict,
  type AccountBlocked,
} from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder, detached } from '../persistence/change-order.js';
import type { Environment } from './environment.js';
import { refusalOf } from './order-action.js';
import { InputCheck } from './validation.js';

export interface CancelOrderInput {
  readonly orderId: string;
  readonly note: string | null;
  readonly expectedVersion: number | null;
}

export type CancelOrderOutcome =
  { readonly order: Order } | InvalidInput | NotFound | ActionNotAllowed | VersionConflict | AccountBlocked;

export type CancelOrder = (actor: Actor, input: CancelOrderInput) => Promise<CancelOrderOutcome>;

/** Cancels an unpaid order, for its buyer or an operator. One that is cancelled already answers success again. */
export function createCancelOrder(env: Environment): CancelOrder {
  return async (actor, input) => {
    const invalid = new InputCheck().uuid(input.orderId, 'orderId').note(input.note).refusal();
    if (invalid) return invalid;
    const outcome = await changeOrder(
      env.fork,
      input.orderId,
      ['attempts', 'itemRows', 'claims'],
      async (order, em) => {
        if (order.status === OrderStatus.CANCELLED) return { order: detached(order) };
        const now = env.clock.now();
        const wanted = { name: OrderActionName.CANCEL, actor, expectedVersion: input.expectedVersion, now };
        const refusal = await refusalOf(env, em, order, wanted);
        if (refusal) return refusal;
        cancelOrder(order, by(actor, order, input.note), now);
        return { order: detached(order) };
      },
      { visibleTo: actor },
    );
    return outcome ?? new NotFound(input.orderId);
  };
}

function by(actor: Actor, order: Order, note: string | null) {
  const own = actor.userId === order.buyerId;
  return {
    actor: own ? EventActor.BUYER : EventActor.OPERATOR,
    byId: actor.userId,
    reason: own ? OrderStatusReason.CANCELLED_BY_BUYER : OrderStatusReason.CANCELLED_BY_OPERATOR,
    note,
  };
}
