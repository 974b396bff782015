import { describe, expect, test } from '@jest/globals';
import { getNamedType, isObjectType, Kind, parse, type FragmentDefinitionNode } from 'graphql';
import 'reflect-metadata';
import { ordersSubgraph } from '../../../../src/resolvers/index.js';
import { selectedParts } from '../../../../src/schema/shared/selected-parts.js';

function partsOf(text: string) {
  const { definitions } = parse(text);
  const fragments = definitions.filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION);
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (!operation) throw new Error('no operation');
  return selectedParts(operation, Object.fromEntries(fragments.map((one) => [one.name.value, one])));
}

describe('what an operation selects of orders', () => {
  test.each([
    ['nothing', '{ order(id: 1) { id status } }', [], true],
    ['in place', '{ order(id: 1) { items { title } timeline { version } } }', ['events', 'items'], true],
    ['under another name', '{ mine: order(id: 1) { all: refunds { id } } }', ['refunds'], true],
    [
      'in an inline fragment',
      '{ _entities(representations: []) { ... on Order { payments { id } } } }',
      ['attempts'],
      false,
    ],
    [
      'in fragments of fragments',
      '{ order(id: 1) { ...A } } fragment A on Order { ...B } fragment B on Order { items { id } }',
      ['items'],
      true,
    ],
    [
      'in fragments that spread each other',
      '{ order(id: 1) { ...A } } fragment A on Order { id ...B } fragment B on Order { refunds { id } ...A }',
      ['refunds'],
      true,
    ],
    ['for its actions', '{ order(id: 1) { availableActions { name } } }', ['attempts', 'bookings', 'refunds'], true],
    ['beside its bookings', '{ mySessionBookings { nodes { id order { status } } } }', ['bookings'], true],
    [
      'of bookings that are referred to',
      '{ _entities(representations: []) { ... on SessionBooking { holdExpiresAt } } }',
      ['bookings'],
      true,
    ],
  ])('%s', (_, text, parts, orders) => {
    expect(partsOf(text)).toEqual({ parts, orders });
  });

  test('is found once for each operation', () => {
    const [operation] = parse('{ order(id: 1) { items { id } } }').definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('no operation');
    expect(selectedParts(operation, {})).toBe(selectedParts(operation, {}));
  });

  test('takes 40 levels of fragments that each spread the next twice in no time', () => {
    const levels = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Order { ...F${n + 1} ...F${n + 1} }`);
    const text = `{ order(id: 1) { ...F0 } } ${levels.join(' ')} fragment F40 on Order { items { id } }`;
    expect(partsOf(text).parts).toEqual(['items']);
  });
});

describe('every field of the graph', () => {
  const PART_OF_TYPE = {
    OrderItem: 'items',
    PaymentAttempt: 'attempts',
    OrderRefund: 'refunds',
    OrderEvent: 'events',
    SessionBooking: 'bookings',
  } as const;
  /** Lists by themselves, which are read with their orders. */
  const LISTS = /(?:Connection|Edge)$/;
  const { schema } = ordersSubgraph();
  const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !LISTS.test(type.name) ? Object.values(type.getFields()) : [],
  );

  test('that shows a part of an order is known to, so that the part is read with the order', () => {
    const showing = fields.flatMap(({ name, type }) => {
      const part = PART_OF_TYPE[getNamedType(type).name as keyof typeof PART_OF_TYPE];
      return part ? [{ name, part }] : [];
    });
    expect(showing.length).toBeGreaterThan(15);
    expect(showing.filter(({ name, part }) => !partsOf(`{ ${name} { id } }`).parts.includes(part))).toEqual([]);
  });
});
