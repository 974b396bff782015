/** Asks the graph as the buyer of the explorer. */
export type Ask = <T>(query: string, variables?: object) => Promise<T>;

interface Courses {
  readonly courses: readonly { readonly id: string; readonly price: number; readonly viewerHasPurchased: boolean }[];
}
interface Orders {
  readonly myOrders: { readonly nodes: readonly { readonly id: string }[] };
}
interface Placed {
  readonly placeOrder: { readonly order?: { readonly id: string } };
}

const NEWEST = /* GraphQL */ `
  query ($filter: OrderFilter) {
    myOrders(first: 1, filter: $filter) {
      nodes {
        id
      }
    }
  }
`;
const COURSES = /* GraphQL */ `
  {
    courses(first: 100) {
      id
      price
      viewerHasPurchased
    }
  }
`;
const PLACE = /* GraphQL */ `
  mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      ... on PlaceOrderSuccess {
        order {
          id
        }
      }
    }
  }
`;

/**
 * An order that can be paid and followed: the buyer's newest that waits to be paid, else one that is placed now, else, where
 * nothing is left to buy, the newest of all.
 * @param keep the course that is not ordered, because the reader is to
 */
export async function findOpenOrder(ask: Ask, keep: string): Promise<string | undefined> {
  const waiting = await newest(ask, { status: ['PENDING_PAYMENT', 'PROCESSING'] });
  return waiting ?? (await placeOne(ask, keep)) ?? (await newest(ask, {}));
}

async function newest(ask: Ask, filter: object): Promise<string | undefined> {
  const { myOrders } = await ask<Orders>(NEWEST, { filter });
  return myOrders.nodes[0]?.id;
}

async function placeOne(ask: Ask, keep: string): Promise<string | undefined> {
  const { courses } = await ask<Courses>(COURSES);
  const left = courses.filter(({ price, viewerHasPurchased }) => price > 0 && !viewerHasPurchased);
  const course = left.find(({ id }) => id !== keep) ?? left[0];
  if (!course) return undefined;
  const { placeOrder } = await ask<Placed>(PLACE, { input: { courseIds: [course.id] } });
  return placeOrder.order?.id;
}
