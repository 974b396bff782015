import DataLoader from 'dataloader';
import { visibleTo } from '../auth/access.js';
import type { Viewer } from '../auth/viewer.js';
import type { OrderPartName, OrderParts } from '../entities/order/order-parts.js';
import type { OrderEvent } from '../entities/order-event.js';
import type { OrderItem } from '../entities/order-item.js';
import type { OrderRefund } from '../entities/order-refund.js';
import type { Order } from '../entities/order.js';
import type { PaymentAttempt } from '../entities/payment-attempt.js';
import type { CourseSales, SalesInCurrency } from '../queries/course-sales.js';
import type { Page } from '../queries/cursor.js';
import type { OrderListFilter, OrderLists, OrderPage } from '../queries/order-lists.js';
import type { OrderReads } from '../queries/order-reads.js';
import type { Ownership } from '../queries/ownership.js';
import { oneForEach } from './one-for-each.js';
import { madeOnUse, type Makers } from './made-on-use.js';
import { OperationSnapshots } from './shared/operation-snapshots.js';
import { sessionMakers, type ForViewer, type SessionLoaders, type SessionLoaderSources } from './session-loaders.js';

/** A part of orders: of those that the operation has read, else read in a batch of its own. */
export interface PartLoader<T> {
  load(orderId: string): readonly T[] | Promise<readonly T[]>;
}

/** Everything one operation reads, each batched into one statement, and shown only to who may see it. */
export interface Loaders extends SessionLoaders {
  /** By id; null for a missing order and for a stranger's alike. */
  readonly order: DataLoader<string, Order | null>;
  readonly orderByNumber: DataLoader<string, Order | null>;
  readonly items: PartLoader<OrderItem>;
  readonly attempts: PartLoader<PaymentAttempt>;
  readonly refunds: PartLoader<OrderRefund>;
  readonly events: PartLoader<OrderEvent>;
  readonly purchased: DataLoader<{ buyerId: string; courseId: string }, boolean, string>;
  /** The viewer's order of a course. */
  readonly viewerOrder: DataLoader<string, Order | null>;
  /** What was sold of a course. */
  readonly sales: DataLoader<string, readonly SalesInCurrency[]>;
  /** Who teaches a course; null for one that the course service does not know. */
  readonly instructor: DataLoader<string, string | null>;
  /** A page of all orders. @throws BadCursor */
  allOrders(filter: OrderListFilter, page: Page): Promise<OrderPage>;
  /** The page of a buyer's orders; buyers with the same page share a statement. */
  ordersOf(filter: OrderListFilter, page: Page): DataLoader<string, OrderPage>;
  /** How many orders a buyer has; buyers with the same filter share a statement. */
  orderCountOf(filter: OrderListFilter): DataLoader<string, number>;
}

export interface LoaderSources extends SessionLoaderSources {
  readonly reads: OrderReads;
  readonly lists: OrderLists;
  readonly ownership: Ownership;
  readonly courseSales: CourseSales;
}

const makers: Makers<LoaderSources & ForViewer, Loaders> = {
  snapshots: () => new OperationSnapshots(),
  ...sessionMakers,
  order: ({ reads, viewer }, { snapshots }) =>
    new DataLoader(async (ids) => {
      const found = await reads.orders(
        ids.filter((id) => !snapshots.order(id)),
        snapshots.parts,
      );
      return ids.map((id) => visibleTo(viewer, snapshots.order(id) ?? kept(snapshots, found.get(id))));
    }),
  orderByNumber: ({ reads, viewer }, { snapshots }) =>
    new DataLoader(async (numbers) => {
      const found = await reads.ordersByNumber(numbers, snapshots.parts);
      return numbers.map((number) => visibleTo(viewer, kept(snapshots, found.get(number))));
    }),
  items: ({ reads }, { snapshots }) => partOf('items', snapshots, reads.items),
  attempts: ({ reads }, { snapshots }) => partOf('attempts', snapshots, reads.attempts),
  refunds: ({ reads }, { snapshots }) => partOf('refunds', snapshots, reads.refunds),
  events: ({ reads }, { snapshots }) => partOf('events', snapshots, reads.events),
  purchased: ({ ownership }) =>
    new DataLoader((wanted) => ownership.purchased(wanted), {
      cacheKeyFn: ({ buyerId, courseId }) => `${buyerId} ${courseId}`,
    }),
  viewerOrder: ({ ownership, viewer }, { snapshots }) =>
    new DataLoader(async (courseIds) => {
      if (!viewer) return courseIds.map(() => null);
      const found = await ownership.ordersOf(viewer.userId, courseIds, snapshots.parts);
      return courseIds.map((id) => visibleTo(viewer, kept(snapshots, found.get(id))));
    }),
  sales: ({ courseSales }) => listLoader((ids) => courseSales.ofCourses(ids)),
  instructor: ({ courseSales }) =>
    new DataLoader(async (courseIds) => {
      const found = await courseSales.instructorsOf(courseIds);
      return courseIds.map((id) => found.get(id) ?? null);
    }),
  allOrders:
    ({ lists }, { snapshots }) =>
    async (filter, page) =>
      keptPage(snapshots, await lists.ofAll(filter, page, snapshots.parts)),
  ordersOf: ({ lists }, { snapshots }) =>
    oneForEach(
      (filter: OrderListFilter, page: Page) =>
        new DataLoader<string, OrderPage>(async (buyerIds) => {
          const found = await lists.ofBuyers(buyerIds, filter, page, snapshots.parts);
          return buyerIds.map((id) => {
            const one = found.get(id);
            return one ? keptPage(snapshots, one) : new Error(`no page of orders was read for buyer ${id}`);
          });
        }),
    ),
  orderCountOf: ({ lists }) =>
    oneForEach(
      (filter: OrderListFilter) =>
        new DataLoader<string, number>(async (buyerIds) => {
          const found = await lists.countOfBuyers(buyerIds, filter);
          return buyerIds.map((id) => found.get(id) ?? 0);
        }),
    ),
};

const makeLoaders = madeOnUse(makers);

/** Makes the loaders of one operation. */
export const createLoaders = (sources: LoaderSources, viewer: Viewer | null): Loaders =>
  makeLoaders({ ...sources, viewer });

const kept = (snapshots: OperationSnapshots, order: Order | undefined) => order && snapshots.keepOrder(order);

function keptPage(snapshots: OperationSnapshots, page: OrderPage): OrderPage {
  return { ...page, rows: page.rows.map((order) => snapshots.keepOrder(order)) };
}

/** What the operation has read with its orders; where it has not foreseen that, it is read by itself. */
function partOf<Name extends OrderPartName>(
  name: Name,
  snapshots: OperationSnapshots,
  read: (orderIds: readonly string[]) => Promise<ReadonlyMap<string, OrderParts[Name]>>,
): { load(orderId: string): OrderParts[Name] | Promise<OrderParts[Name]> } {
  const loader = new DataLoader<string, OrderParts[Name]>(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? ([] as unknown as OrderParts[Name]));
  });
  return { load: (orderId) => snapshots.partsOf(orderId)?.[name] ?? loader.load(orderId) };
}

function listLoader<T>(read: (ids: readonly string[]) => Promise<ReadonlyMap<string, readonly T[]>>) {
  return new DataLoader<string, readonly T[]>(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? []);
  });
}
