import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { Order } from '../entities/order.js';
import type { ListPage } from '../queries/cursor.js';
import type { OrderPage } from '../queries/order-lists.js';
import { Cost } from './costs.js';

@ObjectType({ description: 'Where a page is in its list.' })
@Directive('@shareable')
export class PageInfo {
  @Field(() => Boolean, { description: 'More follow.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'The page was asked for after a cursor.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last: ask for what is after it.' })
  endCursor!: string | null;
}

@ObjectType({ description: 'An order in a list.' })
export class OrderEdge {
  @Field(() => String, { description: 'Its place in the list.' })
  cursor!: string;

  @Field(() => Order, { description: 'The order.' })
  node!: Order;
}

/** A page of orders. The whole is counted only when asked for. */
@ObjectType({ description: 'A page of orders.' })
export class OrderConnection {
  readonly #page: OrderPage;
  readonly #after: string | null;
  readonly #count: () => Promise<number>;

  constructor(page: OrderPage, after: string | null, count: () => Promise<number>) {
    this.#page = page;
    this.#after = after;
    this.#count = count;
  }

  @Field(() => [OrderEdge], { description: 'The orders with their cursors.' })
  get edges(): OrderEdge[] {
    const { rows, cursors } = this.#page;
    return rows.map((node, i) => {
      const cursor = cursors[i];
      if (cursor === undefined) throw new Error(`order ${node.id} has no cursor`);
      return { cursor, node };
    });
  }

  @Field(() => [Order], { description: 'The orders.' })
  get nodes(): readonly Order[] {
    return this.#page.rows;
  }

  @Field(() => PageInfo, { description: 'Where the page is.' })
  get pageInfo(): PageInfo {
    const { cursors, hasNextPage } = this.#page;
    const [startCursor, endCursor] = [cursors[0] ?? null, cursors.at(-1) ?? null];
    return { hasNextPage, hasPreviousPage: this.#after !== null, startCursor, endCursor };
  }

  @Directive(Cost.COUNT)
  @Field(() => Int, { nullable: true, description: 'Number of all orders of the list; counted only when asked for.' })
  totalCount(): Promise<number> {
    return this.#count();
  }
}

/** A page of a list as the fields of a connection, but for its count. */
export function connectionOf<T>({ rows, cursors, hasNextPage }: ListPage<T>, after: string | null) {
  const [startCursor, endCursor] = [cursors[0] ?? null, cursors.at(-1) ?? null];
  const edges = rows.map((node, i) => ({ cursor: cursors[i] ?? '', node }));
  return {
    edges,
    nodes: [...rows],
    pageInfo: { hasNextPage, hasPreviousPage: after !== null, startCursor, endCursor },
  };
}
