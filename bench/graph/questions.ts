import type { Post } from '../support/http-client.js';

/** How many orders a page has. */
export const PAGE = 20;

const USERS = 50;
/** How many orders of each user `_entities` asks for. */
export const FIRST = 5;
const ORDER = 'id number status placedAt total { amount currency } items { id title price { amount currency } }';
const ENTITIES = `query ($refs: [_Any!]!) { _entities(representations: $refs) {
  ... on User { id orders(first: ${FIRST}) { nodes { ${ORDER} } } } } }`;
const BY_ID = `query ($id: ID!) { order(id: $id) { id number status total { amount currency } } }`;
const MY_ORDERS = `{ myOrders(first: ${PAGE}) { nodes { ${ORDER} } pageInfo { hasNextPage endCursor } } }`;

type Headers = Readonly<Record<string, string>>;

/** A user of the bench with all orders. */
export interface Buyer {
  readonly id: string;
  readonly orders: readonly string[];
  readonly headers: Headers;
}

/** Asks once and checks the answer. */
export type Ask = () => Promise<string>;

/** Users as a router refers to them. */
export type Refs = readonly { readonly __typename: 'User'; readonly id: string }[];

/** What the graph is asked for, each time of other buyers. */
export interface Questions {
  readonly ping: Ask;
  readonly order: Ask;
  readonly page: Ask;
  /** The next 50 users. */
  refs(): Refs;
  entities(of?: Refs): Promise<string>;
}

interface Askers {
  readonly buyers: readonly Buyer[];
  /** Headers of somebody who may see everybody's orders. */
  readonly admin: Headers;
}

export function createQuestions(post: Post, { buyers, admin }: Askers): Questions {
  let turn = 0;
  const next = () => buyers[turn++ % buyers.length] as Buyer;
  const refs = (): Refs => Array.from({ length: USERS }, () => ({ __typename: 'User', id: next().id }));
  const ask = async (query: string, variables: object, headers: Headers, ordersShown: number) => {
    const answer = await post(JSON.stringify({ query, variables }), headers);
    if (answer.split('"number":').length - 1 !== ordersShown) throw new Error(`answered ${answer}`);
    return answer;
  };
  return {
    refs,
    ping: () => ask('{ __typename }', {}, next().headers, 0),
    order: () => {
      const { orders, headers } = next();
      return ask(BY_ID, { id: orders[turn % orders.length] }, headers, 1);
    },
    page: () => ask(MY_ORDERS, {}, next().headers, PAGE),
    entities: (of = refs()) => ask(ENTITIES, { refs: of }, admin, USERS * FIRST),
  };
}
