import { blockedReason, OrderActionName } from '../entities/order-actions.js';
import { OrderRefund } from '../entities/order-refund.js';
import type { Order } from '../entities/order.js';
import { ActionNotAllowed, VersionConflict } from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { detached } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import type { Environment } from './environment.js';

/** What a person wants to do with a loaded order. */
export interface WantedAction {
  readonly name: OrderActionName;
  readonly actor: Actor;
  readonly expectedVersion: number | null;
  readonly now: Date;
}

/** Why a person's action is refused now, by the same rules that `availableActions` shows. Needs the order's attempts. */
export async function refusalOf(
  env: Environment,
  em: EntityManager,
  order: Order,
  { name, actor, expectedVersion, now }: WantedAction,
): Promise<ActionNotAllowed | VersionConflict | undefined> {
  if (expectedVersion !== null && expectedVersion !== order.version) return new VersionConflict(detached(order));
  const refunds = name === OrderActionName.REQUEST_REFUND ? await em.find(OrderRefund, { orderId: order.id }) : [];
  const isOwner = order.buyerId === actor.userId;
  const { refundWindowMs } = env.policies;
  const facts = {
    isOwner,
    isOperator: actor.isOperator,
    attempts: order.attempts.getItems(),
    refunds,
    refundWindowMs,
    now,
  };
  const blocked = blockedReason(name, order, facts);
  return blocked ? new ActionNotAllowed(blocked, detached(order)) : undefined;
}
