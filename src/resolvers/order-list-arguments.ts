import { isStorableTime } from '../entities/shared/time-range.js';
import { BadCursor, type Page } from '../queries/cursor.js';
import type { OrderListFilter } from '../queries/order-lists.js';
import { OrderConnection } from '../schema/connections.js';
import type { Context } from '../schema/context.js';
import { badInput } from '../schema/errors.js';
import { OrderSort, type OrderFilter } from '../schema/inputs.js';

const DEFAULT_FIRST = 20;
const MOST = 100;

/** Checks the page that was asked for. @throws BAD_USER_INPUT outside 1 to 100 */
export function pageOf(first: number | null | undefined, after: string | null | undefined): Page {
  const size = first ?? DEFAULT_FIRST;
  if (size < 1 || size > MOST) throw badInput(`first must be 1 to ${MOST}`);
  return { first: size, after: after ?? null };
}

/**
 * The filter of a list.
 * @throws BAD_USER_INPUT for a user id where only one's own orders are listed, and for times outside of years 1 to 9999
 */
export function listFilter(filter: OrderFilter | null | undefined): OrderListFilter {
  if (typeof filter?.userId === 'string') throw badInput('filter.userId is for operators, in Query.orders');
  for (const name of ['placedFrom', 'placedTo'] as const) {
    const time = filter?.[name];
    if (time && !isStorableTime(time)) throw badInput(`filter.${name} must be in the years 1 to 9999`);
  }
  return {
    status: filter?.status ?? null,
    placedFrom: filter?.placedFrom ?? null,
    placedTo: filter?.placedTo ?? null,
    courseId: filter?.courseId ?? null,
    oldestFirst: filter?.sort === OrderSort.OLDEST_FIRST,
  };
}

/** A page of a buyer's orders as a connection; buyers of one operation share the statement. */
export async function ordersOfBuyer(
  buyerId: string,
  first: number | null | undefined,
  after: string | null | undefined,
  filter: OrderFilter | null | undefined,
  { loaders }: Context,
): Promise<OrderConnection> {
  const wanted = listFilter(filter);
  const page = await orBadInput(loaders.ordersOf(wanted, pageOf(first, after)).load(buyerId));
  return new OrderConnection(page, after ?? null, () => loaders.orderCountOf(wanted).load(buyerId));
}

/** A broken cursor is the caller's mistake. @throws BAD_USER_INPUT */
export async function orBadInput<T>(page: Promise<T>): Promise<T> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof BadCursor) throw badInput(error.message);
    throw error;
  }
}
