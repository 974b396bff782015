import { startProduct, type Product } from './product.js';
import type { Graph } from './graph.js';
import { people, PLACE } from './purchase-steps.js';

export const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
export const CANCEL = `mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename
  ... on CancelOrderSuccess { order { id status statusReason statusNote version expiresAt } }
  ... on ActionNotAllowed { reason } ... on VersionConflict { order { version } }
  ... on InvalidInput { fields { path } } ... on UserError { code } } }`;
export const RESTORE = `mutation ($input: RestoreOrderInput!) { restoreOrder(input: $input) { __typename
  ... on RestoreOrderSuccess { order { id status statusReason version total { amount } items { price { amount } } } }
  ... on ActionNotAllowed { reason } ... on OpenOrderExists { orders { id } } ... on AlreadyEnrolled { courseIds }
  ... on CourseUnavailable { unavailable { courseReason } } ... on UserError { code } } }`;

/** A product with buyers who have bought nothing yet, an operator, and what the tests of an order's life do. */
export interface LifeStand {
  readonly product: Product;
  readonly admin: Graph;
  /** Every test has a buyer of its own. */
  buyer(): Graph;
  /** @returns the id of a new order of the course */
  place(graph: Graph): Promise<string>;
  /** Lets the deadline of an order pass: the sweep looks at the stored time. */
  passDeadline(id: string): Promise<unknown>;
  /** The messages of a topic so far. */
  sent(topic: string): Promise<object[]>;
}

export async function openLifeStand(): Promise<LifeStand> {
  const product = await startProduct({ SAMPLE_STUDENTS: '30' });
  const buyers = product.laptop.sample.users.filter(
    ({ status, roles }) => roles.includes('student') && status !== 'blocked',
  );
  const students = await Promise.all(buyers.slice(2).map(({ id }) => product.as(id)));
  return {
    product,
    admin: await product.as(people.admin, { roles: ['admin'] }),
    buyer() {
      const next = students.pop();
      if (!next) throw new Error('every student has bought already');
      return next;
    },
    async place(graph) {
      const { data } = await graph.ask(PLACE, { input: { courseIds: [COURSE] } });
      return data.placeOrder.order.id;
    },
    passDeadline: (id) =>
      product.sql(
        `update orders set payable_until = now() - interval '1 second', expires_at = now() - interval '1 second' where id = $1`,
        [id],
      ),
    sent: (topic) => product.sql(`select 1 from bus.messages where topic = $1`, [topic]),
  };
}

/** The timeline of an order in words. */
export const types = (order: { timeline: { type: string }[] }) => order.timeline.map(({ type }) => type);
