import type { Order } from '../entities/order.js';
import type { Fork } from '../persistence/orm.js';
import type { Row } from '../persistence/row-reader.js';
import { NO_PARTS, type WantedParts } from './order/order-snapshots.js';
import type { OrderReads } from './order-reads.js';

export interface Ownership {
  /** Which of the courses a buyer has bought: in a succeeded order, not revoked. */
  purchased(wanted: readonly { buyerId: string; courseId: string }[]): Promise<boolean[]>;
  /** A buyer's order of each course: the open one, else the succeeded one, else the newest. */
  ordersOf(buyerId: string, courseIds: readonly string[], parts?: WantedParts): Promise<ReadonlyMap<string, Order>>;
}

/** What a buyer has to do with courses, one statement for any number of them. */
export function createOwnership(fork: Fork, { snapshots }: Pick<OrderReads, 'snapshots'>): Ownership {
  return {
    async purchased(wanted) {
      const rows = await fork().execute<{ buyer_id: string; product_id: string }[]>(
        `select claim.buyer_id, claim.product_id from order_claims claim
         join orders on orders.id = claim.order_id and orders.status = 'SUCCEEDED'
         join order_items item on item.order_id = orders.id and item.revision = orders.revision
           and item.kind = claim.kind and item.product_id = claim.product_id and item.fulfilment <> 'REVOKED'
         where claim.kind = 'COURSE'
           and (claim.buyer_id, claim.product_id) in (${wanted.map(() => '(?::uuid, ?::uuid)').join(', ')})`,
        wanted.flatMap(({ buyerId, courseId }) => [buyerId, courseId]),
      );
      const has = new Set(rows.map((row) => `${row.buyer_id} ${row.product_id}`));
      return wanted.map(({ buyerId, courseId }) => has.has(`${buyerId} ${courseId.toLowerCase()}`));
    },
    async ordersOf(buyerId, courseIds, parts = NO_PARTS) {
      const rows = await fork().execute<Row[]>(
        `select found.*${snapshots.columns(parts, 'found')} from (
         select distinct on (item.product_id) item.product_id as course_id, orders.* from orders
         join order_items item on item.order_id = orders.id and item.revision = orders.revision and item.kind = 'COURSE'
         where orders.buyer_id = ? and item.product_id in (?)
         order by item.product_id,
           case when orders.status in ('PENDING_PAYMENT', 'PROCESSING') then 0 when orders.status = 'SUCCEEDED' then 1 else 2 end,
           orders.placed_at desc, orders.id desc) found`,
        [buyerId, courseIds],
      );
      return new Map(rows.map((row) => [row.course_id as string, snapshots.toOrder(row)]));
    },
  };
}
