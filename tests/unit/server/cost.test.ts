import { describe, expect, test } from '@jest/globals';
import { getOperationAST, parse, validate } from 'graphql';
import { ordersSubgraph } from '../../../src/resolvers/index.js';
import { costOf } from '../../../src/server/cost.js';
import { present } from '../../support/present.js';

const { schema } = ordersSubgraph();

function cost(text: string, variables: Readonly<Record<string, unknown>> = {}): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  return costOf(schema, { document, operation: present(getOperationAST(document)), variables });
}

const people = (count: number) => Array.from({ length: count }, (_, i) => ({ __typename: 'User', id: String(i) }));

describe('given the weights of the schema, an operation costs', () => {
  test.each([
    ['nothing for its name', '{ __typename }', 0],
    ['1 for an object, scalars and enums are free', '{ order(id: "1") { id status number } }', 1],
    ['1 for each object in an object', '{ order(id: "1") { total { amount } buyer { id } } }', 3],
    ['the length of a list that tells it', '{ order(id: "1") { items { title price { amount } } } }', 1 + 10 * 2],
    ['each object of a list, its enums free', '{ order(id: "1") { availableActions { name } } }', 1 + 4],
    [
      'nothing for a list of scalars',
      'mutation { placeOrder(input: { courseIds: [] }) { ... on OwnCourse { courseIds } } }',
      10,
    ],
    ['10 for a count', '{ myOrders { totalCount } }', 1 + 10],
    ['what @cost says of a field instead of 1', '{ session(id: "1") { title } }', 5],
    ['the length of a list without pages', '{ revenue(year: 2026) { month } }', 12],
    ['the length that an argument says', '{ myOrders(first: 7) { nodes { id } } }', 1 + 7],
    ['the default of the argument', '{ myOrders { nodes { id } } }', 1 + 20],
    [
      'its page for edges and nodes each',
      '{ myOrders(first: 3) { edges { node { id } } nodes { id } } }',
      1 + 3 * 2 + 3,
    ],
    ['1 for a part that is no list of the page', '{ myOrders(first: 3) { pageInfo { endCursor } } }', 2],
    ['the product of lists in lists', '{ myOrders(first: 3) { nodes { items { title } } } }', 1 + 3 * (1 + 10)],
    ['twice what is selected twice', '{ a: order(id: "1") { id } b: order(id: "2") { id } }', 2],
    ['10 for a mutation', 'mutation { cancelOrder(input: { orderId: "1" }) { __typename } }', 10],
    ['10 for a stream', 'subscription { orderStatusChanged(orderId: "1") { version order { id } } }', 11],
    ['nothing for introspection', '{ __schema { types { name fields { name } } } }', 0],
  ])('%s', (_name, text, expected) => {
    expect(cost(text)).toBe(expected);
  });

  test('of a union the dearest member, not their sum', () => {
    const text = `mutation { placeOrder(input: { courseIds: [] }) {
      ... on PlaceOrderSuccess { order { total { amount } } }
      ... on OpenOrderExists { orders { id } }
      ... on UserError { code } } }`;
    // Success: an order and its total; open orders: a list that tells no length, counted as 10.
    expect(cost(text)).toBe(10 + 10);
  });

  test('the same through fragments as without them', () => {
    const spread = `{ myOrders(first: 4) { ...Page } }
      fragment Page on OrderConnection { nodes { ...One } }
      fragment One on Order { ... on Order { total { amount } } }`;
    expect(cost(spread)).toBe(cost('{ myOrders(first: 4) { nodes { total { amount } } } }'));
    expect(cost(spread)).toBe(1 + 4 * 2);
  });

  test('what variables say, their defaults included', () => {
    const text = 'query ($first: Int = 6) { myOrders(first: $first) { nodes { id } } }';
    expect([cost(text), cost(text, { first: 2 }), cost(text, { first: null })]).toEqual([1 + 6, 1 + 2, 1 + 20]);
  });

  test.each([
    ['less than nothing', -5],
    ['no number', 'many'],
  ])('what the list has by default where an argument is %s', (_name, first) => {
    expect(cost('query ($first: Int) { myOrders(first: $first) { nodes { id } } }', { first })).toBe(1 + 20);
  });

  test('one for each representation', () => {
    const text = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on User { orders(first: 2) { nodes { id } } } } }`;
    expect(cost(text, { of: people(50) })).toBe(50 * (1 + 1 + 2));
  });

  test('every way through fragments that double from one to the next, without walking each', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);
    const text = `{ ...F0 } ${doubling.join('\n')} fragment F60 on Query { order(id: "1") { id } }`;
    expect(cost(text)).toBe(2 ** 60);
  });
});
