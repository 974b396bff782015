import { blockedReason, OrderActionName, type ActionFacts, type SeatFacts } from '../entities/order-actions.js';
import { OrderRefund } from '../entities/order-refund.js';
import { newestBooking } from '../entities/order-seat.js';
import type { Order } from '../entities/order.js';
import { ActionNotAllowed, VersionConflict } from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { detached } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import { readSeats } from '../persistence/seats.js';
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
  const facts = await actionFacts(env, em, order, actor, now);
  const refunds = name === OrderActionName.REQUEST_REFUND ? await em.find(OrderRefund, { orderId: order.id }) : [];
  const blocked = blockedReason(name, order, { ...facts, refunds });
  return blocked ? new ActionNotAllowed(blocked, detached(order)) : undefined;
}

/** What the rules of a loaded order's actions look at, without its refunds. */
export async function actionFacts(
  env: Environment,
  em: EntityManager,
  order: Order,
  actor: Actor,
  now: Date,
): Promise<ActionFacts> {
  const { refundWindowMs } = env.policies;
  return {
    isOwner: order.buyerId === actor.userId,
    isOperator: actor.isOperator,
    attempts: order.attempts.getItems(),
    refunds: [],
    refundWindowMs,
    seat: await seatFacts(env, em, order),
    now,
  };
}

async function seatFacts({ policies }: Environment, em: EntityManager, order: Order): Promise<SeatFacts | null> {
  if (!order.sessionId) return null;
  const seats = (await readSeats(() => em, [order.sessionId])).get(order.sessionId);
  return {
    status: newestBooking(order)?.status ?? null,
    startsAt: seats?.session.startsAt ?? null,
    cancellationMs: policies.seatCancellationMs,
  };
}
