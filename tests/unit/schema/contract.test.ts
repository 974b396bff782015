import { describe, expect, test } from '@jest/globals';
import { breachesOf } from '../../contract/contract.js';
import { readText } from '../deploy/files.js';

const contract = readText('tests/contract/graph.graphql');
const sdl = readText('schema.graphql');

/** The contract, changed somewhere. @throws Error where there is no such place */
function changed(from: string | RegExp, to: string): string {
  const result = contract.replace(from, to);
  if (result === contract) throw new Error(`the contract has no ${from}`);
  return result;
}

describe('given what clients are promised', () => {
  test('then the schema breaks nothing of it', async () => {
    expect(await breachesOf(contract, sdl)).toEqual([]);
  });

  test('then the promise says nothing of descriptions and costs', () => {
    expect(contract).not.toMatch(/"""|@cost|@listSize|@tag/);
  });
});

describe('given a change of the schema', () => {
  test.each([
    ['a removed field', /\n {2}couponCode: String\n {2}placedAt/, '\n  placedAt', ["'couponCode'", 'removed']],
    ['a field that may be null', 'buyerId: ID!', 'buyerId: ID', ["Field 'Order.buyerId'", "from 'ID!' to 'ID'"]],
    ['another type of a field', 'captured: Money!', 'captured: Int!', ["'Order.captured'", "'Money!' to 'Int!'"]],
    [
      'a removed enum value',
      /\n {2}REFUND_WINDOW_CLOSED/,
      '',
      ["'REFUND_WINDOW_CLOSED'", 'removed', "'BlockedReason'"],
    ],
    ['a removed member of a result', /\s\| BookingVersionConflict/, '', ["'BookingVersionConflict'", 'removed']],
    ['a removed argument', 'order(id: ID!): Order', 'order: Order', ["Argument 'id: ID!'", 'removed']],
    [
      'an argument that is needed now',
      'revenue(currency: Currency =',
      'revenue(of: ID!, currency: Currency =',
      ["'of: ID!'", "'Query.revenue'"],
    ],
    [
      'an input field that is needed now',
      'input RetrySagaInput {',
      'input RetrySagaInput {\n  why: String!',
      ["'why'"],
    ],
    [
      'another default',
      'myOrders(filter: OrderFilter, after: String, first: Int = 20)',
      'myOrders(filter: OrderFilter, after: String, first: Int = 10)',
      ["'Query.myOrders'", "'20' to '10'"],
    ],
    [
      'a refusal that is no UserError',
      'type SessionFull implements UserError',
      'type SessionFull',
      ["'SessionFull'", "'UserError'"],
    ],
    ['a lost key', 'type Order @key(fields: "id")', 'type Order', ["'key'", "'Order'"]],
    ['a type that is shared no more', 'type Money @shareable', 'type Money', ["'shareable'", "'Money'"]],
    ['no subscriptions any more', '\n  subscription: Subscription', '', ['subscription']],
  ])('when it is %s, then it is found and named', async (_what, from, to, words) => {
    const breaches = await breachesOf(contract, changed(from, to));
    expect(breaches).toHaveLength(1);
    for (const word of words) expect(breaches[0]).toContain(word);
  });

  test.each([
    ['a field', 'type Order @key(fields: "id") {', 'type Order @key(fields: "id") {\n  gift: Boolean'],
    ['a type', 'enum StreamEnd', 'type Gift {\n  id: ID!\n}\n\nenum StreamEnd'],
    ['an enum value', 'enum OrderStatus {', 'enum OrderStatus {\n  LOST'],
    ['a refusal', 'union CancelOrderResult = ', 'union CancelOrderResult = AccountBlocked | '],
    ['an argument that may be left out', 'order(id: ID!)', 'order(id: ID!, why: String)'],
    ['an input field that may be left out', 'input RetrySagaInput {', 'input RetrySagaInput {\n  why: String'],
    ['a cost', 'totalCount: Int', 'totalCount: Int @cost(weight: 99)'],
  ])('when %s is added, then nothing is broken', async (_what, from, to) => {
    expect(await breachesOf(contract, changed(from, to))).toEqual([]);
  });
});
