import DataLoader from 'dataloader';
import { visibleTo } from '../auth/access.js';
import type { Viewer } from '../auth/viewer.js';
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
import { sessionMakers, type ForViewer, type SessionLoaders, type SessionLoaderSources } from './session-loaders.js';

/** Everything one operation reads, each batched into one statement, and shown only to who may see it. */
export interface Loaders extends SessionLoaders {
  /** By id; null for a missing order and for a stranger's alike. */
  readonly order: DataLoader<string, Order | null>;
  readonly orderByNumber: DataLoader<string, Order | null>;
  readonly items: DataLoader<string, readonly OrderItem[]>;
  readonly attempts: DataLoader<string, readonly PaymentAttempt[]>;
  readonly refunds: DataLoader<string, readonly OrderRefund[]>;
  readonly events: DataLoader<string, readonly OrderEvent[]>;
  readonly purchased: DataLoader<{ buyerId: string; courseId: string }, boolean, string>;
  /** The viewer's order of a course. */
  readonly viewerOrder: DataLoader<string, Order | null>;
  /** What was sold of a course. */
  readonly sales: DataLoader<string, readonly SalesInCurrency[]>;
  /** Who teaches a course; null for one that the course service does not know. */
  readonly instructor: DataLoader<string, string | null>;
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
  ...sessionMakers,
  order: ({ reads, viewer }) =>
    new DataLoader(async (ids) => {
      const found = await reads.orders(ids);
      return ids.map((id) => visibleTo(viewer, found.get(id)));
    }),
  orderByNumber: ({ reads, viewer }) =>
    new DataLoader(async (numbers) => {
      const found = await reads.ordersByNumber(numbers);
      return numbers.map((number) => visibleTo(viewer, found.get(number)));
    }),
  items: ({ reads }) => partLoader(reads.items),
  attempts: ({ reads }) => partLoader(reads.attempts),
  refunds: ({ reads }) => partLoader(reads.refunds),
  events: ({ reads }) => partLoader(reads.events),
  purchased: ({ ownership }) =>
    new DataLoader((wanted) => ownership.purchased(wanted), {
      cacheKeyFn: ({ buyerId, courseId }) => `${buyerId} ${courseId}`,
    }),
  viewerOrder: ({ ownership, viewer }) =>
    new DataLoader(async (courseIds) => {
      if (!viewer) return courseIds.map(() => null);
      const found = await ownership.ordersOf(viewer.userId, courseIds);
      return courseIds.map((id) => visibleTo(viewer, found.get(id)));
    }),
  sales: ({ courseSales }) => partLoader((ids) => courseSales.ofCourses(ids)),
  instructor: ({ courseSales }) =>
    new DataLoader(async (courseIds) => {
      const found = await courseSales.instructorsOf(courseIds);
      return courseIds.map((id) => found.get(id) ?? null);
    }),
  ordersOf: ({ lists }) =>
    oneForEach(
      (filter: OrderListFilter, page: Page) =>
        new DataLoader<string, OrderPage>(async (buyerIds) => {
          const found = await lists.ofBuyers(buyerIds, filter, page);
          return buyerIds.map((id) => found.get(id) ?? new Error(`no page of orders was read for buyer ${id}`));
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

function partLoader<T>(read: (ids: readonly string[]) => Promise<ReadonlyMap<string, readonly T[]>>) {
  return new DataLoader<string, readonly T[]>(async (ids) => {
    const found = await read(ids);
    return ids.map((id) => found.get(id) ?? []);
  });
}
