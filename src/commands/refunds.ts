import { EventActor, FulfilmentStatus } from '../entities/enums.js';
import { OrderRefund } from '../entities/order-refund.js';
import { settleRefund, type RefundActor, type Settlement } from '../entities/order-refunding.js';
import type { Order } from '../entities/order.js';
import { NotFound, type ActionNotAllowed, type InvalidInput, type AccountBlocked } from '../entities/refusals.js';
import type { Actor } from '../entities/visibility.js';
import { changeOrder } from '../persistence/change-order.js';
import type { EntityManager } from '../persistence/orm.js';
import { endPurchaseSagas, endRefundSaga } from './end-sagas.js';
import type { Environment } from './environment.js';

export type RefundOutcome =
  { readonly order: Order; readonly refund: OrderRefund } | InvalidInput | NotFound | ActionNotAllowed | AccountBlocked;

/** A refund with its order and the order's other refunds, loaded to be changed. */
export interface RefundFile {
  readonly order: Order;
  readonly refund: OrderRefund;
  readonly refunds: readonly OrderRefund[];
  readonly em: EntityManager;
}

/** Loads a refund with its order, lets `decide` change them, and writes both in one transaction. */
export async function changeRefund(
  env: Environment,
  refundId: string,
  decide: (file: RefundFile) => RefundOutcome | Promise<RefundOutcome>,
): Promise<RefundOutcome> {
  const found = await env.fork().findOne(OrderRefund, refundId);
  if (!found) return new NotFound(refundId);
  const outcome = await changeOrder(env.fork, found.orderId, ['attempts', 'itemRows', 'claims'], async (order, em) => {
    const refunds = await em.find(OrderRefund, { orderId: order.id });
    const refund = refunds.find(({ id }) => id === refundId);
    return refund && decide({ order, refund, refunds, em });
  });
  return outcome ?? new NotFound(refundId);
}

/** Ends a refund, with its saga and that of a delivery which nothing is missing of any more. */
export async function settle(file: RefundFile, end: Settlement, now: Date): Promise<void> {
  const { em, order, refunds, refund } = file;
  await endRefundSaga(em, order.id, refund.id);
  settleRefund(order, refunds, refund, end, now);
  const { FULFILLED, REVOKED } = FulfilmentStatus;
  if (order.fulfilment === FULFILLED || order.fulfilment === REVOKED) await endPurchaseSagas(em, [order.id]);
}

/** A person as the timeline names them. */
export function byPerson(actor: Actor, order: Order): RefundActor {
  return { actor: actor.userId === order.buyerId ? EventActor.BUYER : EventActor.OPERATOR, byId: actor.userId };
}
