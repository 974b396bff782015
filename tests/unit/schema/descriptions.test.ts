import { describe, expect, test } from '@jest/globals';
import {
  buildASTSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  parse,
  type GraphQLNamedType,
} from 'graphql';
import { readText } from '../deploy/files.js';

interface Described {
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** Everything of a schema that clients read about, by its path. */
function describedIn(sdl: string): Map<string, Described> {
  const schema = buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true });
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
  return new Map(types.flatMap((type) => [[type.name, type], ...partsOf(type)] as [string, Described][]));
}

function partsOf(type: GraphQLNamedType): [string, Described][] {
  const at = (part: Described) => [`${type.name}.${part.name}`, part] as [string, Described];
  if (isEnumType(type)) return type.getValues().map(at);
  if (isInputObjectType(type)) return Object.values(type.getFields()).map(at);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    at(field),
    ...field.args.map((arg) => [`${type.name}.${field.name}(${arg.name})`, arg] as [string, Described]),
  ]);
}

const undescribed = (sdl: string) =>
  [...describedIn(sdl)].filter(([, { description }]) => !description?.trim()).map(([path]) => path);

describe('given the schema as clients read it', () => {
  const sdl = readText('schema.graphql');

  test('then every type, field, argument, enum value and input field says what it is', () => {
    expect(undescribed(sdl)).toEqual([]);
    expect(describedIn(sdl).size).toBeGreaterThan(500);
  });

  test('when a description is missing, then its place is named', () => {
    const poor = ['type T {\n  f(a: Int): Int\n}', 'enum E {\n  V\n}', 'input I {\n  i: Int\n}'].join('\n');
    expect(undescribed(poor)).toEqual(['T', 'T.f', 'T.f(a)', 'E', 'E.V', 'I', 'I.i']);
  });
});
