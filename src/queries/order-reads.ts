import type { MikroORM } from '@mikro-orm/postgresql';
import { OrderEvent } from '../entities/order-event.js';
import { OrderItem } from '../entities/order-item.js';
import { OrderRefund } from '../entities/order-refund.js';
import type { Order } from '../entities/order.js';
import { PaymentAttempt } from '../entities/payment-attempt.js';
import type { Fork } from '../persistence/orm.js';
import { rowReader, type Row } from '../persistence/row-reader.js';
import { createOrderSnapshots, NO_PARTS, type OrderSnapshots, type WantedParts } from './order/order-snapshots.js';
import { createEventReads, type EventReads } from './event-reads.js';

type Ids = readonly string[];
type ByOrder<T> = ReadonlyMap<string, readonly T[]>;

/** Reads of orders and their parts, each one statement for any number of orders. */
export interface OrderReads extends EventReads<OrderEvent> {
  /** @param parts what is read with each order, from the same snapshot */
  orders(ids: Ids, parts?: WantedParts): Promise<ReadonlyMap<string, Order>>;
  ordersByNumber(numbers: Ids, parts?: WantedParts): Promise<ReadonlyMap<string, Order>>;
  /** The items of the present pricing, in the order of the cart. */
  items(orderIds: Ids): Promise<ByOrder<OrderItem>>;
  /** Oldest first; intents, which have no payment yet, too. */
  attempts(orderIds: Ids): Promise<ByOrder<PaymentAttempt>>;
  /** Oldest first. */
  refunds(orderIds: Ids): Promise<ByOrder<OrderRefund>>;
  /** Oldest first. */
  events(orderIds: Ids): Promise<ByOrder<OrderEvent>>;
  readonly snapshots: OrderSnapshots;
}

/** The reads over the plain rows of the database. */
export function createOrderReads(orm: MikroORM, fork: Fork): OrderReads {
  const snapshots = createOrderSnapshots(orm);
  const readItem = rowReader(orm, OrderItem);
  const toItem = (row: Row) => Object.assign(readItem(row), { orderId: row.order_id as string });
  const toEvent = rowReader(orm, OrderEvent);
  const rows = (sql: string, parameters: unknown[]) => fork().execute<Row[]>(sql, parameters);

  async function byOrder<T>(read: (row: Row) => T, sql: string, ids: Ids): Promise<ByOrder<T>> {
    const found = new Map<string, T[]>();
    if (ids.length === 0) return found;
    for (const row of await rows(sql, [ids])) {
      const list = found.get(row.order_id as string);
      if (list) list.push(read(row));
      else found.set(row.order_id as string, [read(row)]);
    }
    return found;
  }

  async function ordersBy(column: 'id' | 'number', values: Ids, parts: WantedParts): Promise<Map<string, Order>> {
    if (values.length === 0) return new Map();
    const found = await rows(`select *${snapshots.columns(parts, 'orders')} from orders where ${column} in (?)`, [
      values,
    ]);
    return new Map(found.map((row) => [row[column] as string, snapshots.toOrder(row)]));
  }

  return {
    snapshots,
    orders: (ids, parts = NO_PARTS) => ordersBy('id', ids, parts),
    ordersByNumber: (numbers, parts = NO_PARTS) => ordersBy('number', numbers, parts),
    items: (ids) =>
      byOrder(
        toItem,
        // Joined, orders of many buyers would be read from end to end.
        `select item.* from order_items item where item.order_id in (?)
         and item.revision = (select revision from orders where id = item.order_id) order by item.position`,
        ids,
      ),
    attempts: (ids) =>
      byOrder(
        rowReader(orm, PaymentAttempt),
        'select * from payment_attempts where order_id in (?) order by started_at, id',
        ids,
      ),
    refunds: (ids) =>
      byOrder(
        rowReader(orm, OrderRefund),
        'select * from order_refunds where order_id in (?) order by requested_at, id',
        ids,
      ),
    events: (ids) => byOrder(toEvent, 'select * from order_events where order_id in (?) order by version', ids),
    ...createEventReads(fork, { table: 'order_events', aggregate: 'order_id', owner: 'buyer_id', read: toEvent }),
  };
}
