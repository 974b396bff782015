import { describe, expect, test } from '@jest/globals';
import { composeServices } from '@apollo/composition';
import {
  buildASTSchema,
  getNamedType,
  isCompositeType,
  isRequiredArgument,
  isUnionType,
  parse,
  validate,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { readSupergraphConfig } from '../../../dev/compose/supergraph-config.js';
import { readText, root } from '../deploy/files.js';

const DEPTH = 3;

const read = (sdl: string) => buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true });

/** Every field that can be asked for without arguments, so many levels deep; of a union, those of every member. */
function everything(schema: GraphQLSchema, type: GraphQLNamedType, depth: number): string {
  if (!isCompositeType(type)) return '';
  if (isUnionType(type)) {
    const members = schema
      .getPossibleTypes(type)
      .map((member) => `... on ${member.name} ${everything(schema, member, depth)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  const fields = Object.values(type.getFields()).filter((field) => isAskable(field, depth));
  const selections = fields.map(
    ({ name, type: inner }) => `${name} ${everything(schema, getNamedType(inner), depth - 1)}`,
  );
  return `{ __typename ${selections.join(' ')} }`;
}

const isAskable = ({ args, type }: GraphQLField<unknown, unknown>, depth: number) =>
  !args.some(isRequiredArgument) && (depth > 1 || !isCompositeType(getNamedType(type)));

/** One operation a mutation, with all that it can answer. */
function operationsOf(schema: GraphQLSchema): [name: string, operation: string][] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).map(({ name, args, type }) => {
    const variables = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
    const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
    return [name, `mutation (${variables}) { ${name}(${given}) ${everything(schema, getNamedType(type), DEPTH)} }`];
  });
}

const wrongIn = (schema: GraphQLSchema, operation: string) =>
  validate(schema, parse(operation)).map(({ message }) => message);

const subgraph = read(readText('schema.graphql'));
const services = readSupergraphConfig(readText('supergraph.yaml'), root);
const composed = composeServices(services.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) })));
const supergraph = read(composed.supergraphSdl ?? '');

describe('given a client that asks for everything which a mutation can answer', () => {
  test('then the answer of each is a union that has the success first', () => {
    const unions = Object.values(subgraph.getMutationType()?.getFields() ?? {}).map(({ type }) => getNamedType(type));
    expect(unions).toHaveLength(17);
    for (const union of unions) {
      if (!isUnionType(union)) throw new Error(`${union.name} is no union`);
      const [success, ...refusals] = union.getTypes();
      expect(success?.name).toMatch(/Success$/);
      expect(refusals.filter((refusal) => !refusal.getInterfaces().some(({ name }) => name === 'UserError'))).toEqual(
        [],
      );
    }
  });

  test.each(operationsOf(subgraph))('%s: no two members clash in the schema', (_name, operation) => {
    expect(wrongIn(subgraph, operation)).toEqual([]);
  });

  test.each(operationsOf(supergraph))('%s: no two members clash in the supergraph', (_name, operation) => {
    expect(wrongIn(supergraph, operation)).toEqual([]);
  });

  test.each([
    ['is of another type', 'orders: String'],
    ['may be null in one and not in the other', 'orders: [Order!]'],
  ])('when a field of two refusals %s, then the clash is found', (_how, field) => {
    const sdl = readText('schema.graphql');
    const clashing = read(sdl.replace('unavailable: [UnavailableCourse!]!', field));
    const [, operation = ''] = operationsOf(clashing).find(([name]) => name === 'placeOrder') ?? [];
    expect(wrongIn(clashing, operation)).toEqual([expect.stringContaining('Fields "orders" conflict')]);
  });
});
