import { expect } from '@jest/globals';
import type { Graph } from './graph.js';
import type { Product } from './product.js';
import { PLACE } from './purchase-steps.js';

const TABLES = [
  'orders',
  'order_items',
  'order_claims',
  'order_events',
  'payment_attempts',
  'sagas',
  'idempotency',
  'order_refunds',
];

/** Looks at the rows of a product that a refusal must not touch. */
export function noRows({ sql }: Product) {
  const rowCounts = () =>
    sql(`select ${TABLES.map((table) => `(select count(*) from ${table}) as ${table}`).join(', ')}`);

  /** Asks for an order that must be refused, and checks that no row came or went. */
  async function refused(graph: Graph, input: object, headers?: Record<string, string>) {
    const before = await rowCounts();
    const answer = await graph.ask(PLACE, { input }, headers);
    expect(await rowCounts()).toEqual(before);
    return answer.data?.placeOrder ?? answer.errors;
  }

  return { rowCounts, refused };
}

export type NoRows = ReturnType<typeof noRows>;
