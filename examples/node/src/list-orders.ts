import { Refused } from './errors.js';
import { ListOrdersDocument } from './generated/graphql.js';
import type { ListOrdersQuery, OrderSummaryFragment } from './generated/graphql.js';
import type { GraphClient } from './graph-client.js';
import { withRetries } from './retry.js';

type OrderPage = NonNullable<ListOrdersQuery['myOrders']>;

/** All orders of the buyer, newest first; a page is asked for when the one before it is used up. */
export async function* listOrders(graph: GraphClient, pageSize = 20): AsyncGenerator<OrderSummaryFragment, void> {
  let after: string | null = null;
  do {
    const page = await pageAfter(graph, after, pageSize);
    yield* page.nodes;
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
}

async function pageAfter(graph: GraphClient, after: string | null, first: number): Promise<OrderPage> {
  const { myOrders } = await withRetries(() => graph.ask(ListOrdersDocument, { first, after }));
  if (!myOrders) throw new Refused('The orders cannot be listed.');
  return myOrders;
}
