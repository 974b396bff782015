import type { MikroORM } from '@mikro-orm/postgresql';
import type { OrderPartName, OrderParts } from '../../entities/order/order-parts.js';
import { OrderEvent } from '../../entities/order-event.js';
import { OrderItem } from '../../entities/order-item.js';
import { OrderRefund } from '../../entities/order-refund.js';
import { Order } from '../../entities/order.js';
import { PaymentAttempt } from '../../entities/payment-attempt.js';
import { SessionBooking } from '../../entities/session-booking.js';
import { rowReader, tupleReader, type Row, type TupleReader } from '../../persistence/row-reader.js';

/** Which parts are read with an order. */
export type WantedParts = readonly OrderPartName[];

export const NO_PARTS: WantedParts = [];

/** The parts of the order that is read with a row that refers to it, from the same snapshot; null: no order is. */
export type WithOrder = WantedParts | null;

/**
 * Selects orders together with their parts. One statement has one snapshot, so that an order and its parts always agree,
 * without a transaction and without a connection that waits for anything. Parts travel as arrays of arrays of column values:
 * docs/decisions/one-snapshot.md.
 */
export interface OrderSnapshots {
  /**
   * What to select beside the columns of an order, each after a comma.
   * @param order alias of the order in the statement
   * @param when SQL condition of the rows whose parts are read
   */
  columns(parts: WantedParts, order: string, when?: string): string;
  /** A column with the whole order and its parts, for a row that refers to it, after a comma. @param id SQL of the order's id */
  orderColumn(withOrder: WithOrder, id: string): string;
  /** The order of a row that was selected with `columns`. */
  toOrder(row: Row): Order;
  /** A reader of rows that were selected with `orderColumn`: what they refer to is kept as `orderSnapshot`. */
  withOrder<T extends { orderSnapshot?: Order }>(read: (row: Row) => T): (row: Row) => T;
}

interface Part {
  readonly table: string;
  readonly reader: TupleReader<object>;
  readonly orderBy: string;
  /** What holds beside that the row is of the order. */
  readonly and: (order: string) => string;
}

type Tuple = (string | null)[];

const ORDER_COLUMN = 'order_snapshot';
const columnOf = (part: OrderPartName) => `part_${part}`;

/** @returns the SQL and the readers of orders with their parts */
export function createOrderSnapshots(orm: MikroORM): OrderSnapshots {
  const readOrder = rowReader(orm, Order);
  const orderTuple = tupleReader(orm, Order);
  const parts = partsOf(orm);

  const partSql = (name: OrderPartName, order: string) => {
    const { table, reader, orderBy, and } = parts[name];
    return `array_to_json(array(select ${reader.sql('part')} from ${table} part
      where part.order_id = ${order}.id ${and(order)} order by ${orderBy}))`;
  };
  const readParts = (wanted: WantedParts, valueOf: (name: OrderPartName, index: number) => unknown) =>
    Object.fromEntries(
      wanted.map((name, index) => [name, tuplesOf(valueOf(name, index)).map((one) => parts[name].reader.read(one))]),
    ) as Partial<OrderParts>;
  const names = Object.keys(parts) as OrderPartName[];

  const orderOf = (row: Row): Order | undefined => {
    const snapshot = jsonOf(row[ORDER_COLUMN]) as [Tuple, ...[OrderPartName, Tuple[]][]] | null | undefined;
    if (!snapshot) return undefined;
    const [columns, ...read] = snapshot;
    const order = orderTuple.read(columns);
    order.parts = readParts(
      read.map(([name]) => name),
      (_, index) => read[index]?.[1],
    );
    return order;
  };

  return {
    columns: (wanted, order, when) => {
      const read = (name: OrderPartName) =>
        when ? `case when ${when} then ${partSql(name, order)} end` : partSql(name, order);
      return wanted.map((name) => `, ${read(name)} as ${columnOf(name)}`).join('');
    },
    orderColumn: (wanted, id) => {
      if (!wanted) return '';
      const all = wanted.map((name) => `json_build_array('${name}', ${partSql(name, 'related')})`);
      const tuple = `json_build_array(${[orderTuple.sql('related'), ...all].join(', ')})`;
      return `, (select ${tuple} from orders related where related.id = ${id}) as ${ORDER_COLUMN}`;
    },
    toOrder: (row) => {
      const order = readOrder(row);
      const wanted = names.filter((name) => row[columnOf(name)] !== undefined);
      if (wanted.length > 0) order.parts = readParts(wanted, (name) => row[columnOf(name)]);
      return order;
    },
    withOrder: (read) => (row) => {
      const [found, order] = [read(row), orderOf(row)];
      if (order) found.orderSnapshot = order;
      return found;
    },
  };
}

function partsOf(orm: MikroORM): Readonly<Record<OrderPartName, Part>> {
  const always = () => '';
  return {
    items: {
      table: 'order_items',
      reader: tupleReader(orm, OrderItem, { orderId: 'order_id' }),
      orderBy: 'part.position',
      and: (order) => `and part.revision = ${order}.revision`,
    },
    attempts: {
      table: 'payment_attempts',
      reader: tupleReader(orm, PaymentAttempt),
      orderBy: 'part.started_at, part.id',
      and: always,
    },
    refunds: {
      table: 'order_refunds',
      reader: tupleReader(orm, OrderRefund),
      orderBy: 'part.requested_at, part.id',
      and: always,
    },
    events: {
      table: 'order_events',
      reader: tupleReader(orm, OrderEvent),
      orderBy: 'part.version',
      and: always,
    },
    bookings: {
      table: 'session_bookings',
      reader: tupleReader(orm, SessionBooking),
      orderBy: 'part.booked_at, part.id',
      // Orders of courses have none: the index is not even looked at.
      and: (order) => `and ${order}.session_id is not null`,
    },
  };
}

const jsonOf = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value);
const tuplesOf = (value: unknown): Tuple[] => (jsonOf(value) ?? []) as Tuple[];
