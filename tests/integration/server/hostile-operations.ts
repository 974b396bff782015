import fc from 'fast-check';
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
} from 'graphql';

/** What a hostile client sends. */
export interface Hostile {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const DEEPEST = 5;

/** Values that are wrong, or odd, wherever they stand. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  -(2 ** 31) - 1,
  Number.MAX_SAFE_INTEGER + 1,
  1e308,
  '',
  'x',
  '\u0000',
  'a\u0000b',
  '\uD800',
  '💸'.repeat(50),
  'x'.repeat(2_000),
  "'; drop table orders; --",
  '00000000-0000-4000-8000-000000000000',
  '00000000-0000-4000-8000-00000000000g',
  'bm9wZQ',
  'eyJ2IjoxfQ==',
  '9999-99-99T99:99:99Z',
  '275760-09-14T00:00:00Z',
  [],
  [null],
  [[]],
  {},
  { __proto__: null, constructor: 'x' },
  { id: { id: 'x' } },
];

const odd = fc.oneof(fc.constantFrom(...ODD_VALUES), fc.string({ unit: 'binary', maxLength: 30 }), fc.jsonValue());

const anyOdd = () => odd;
const anyInteger = () => fc.integer();

/** Operations generated from a schema: valid ones with odd values, and many ways to be wrong. */
export function hostileOperations(schema: GraphQLSchema): fc.Arbitrary<Hostile> {
  const selecting = selections(schema);
  const operation = selecting.map((selected): Hostile => ({ query: selected.text, variables: selected.variables }));
  return fc.oneof(
    { arbitrary: operation, weight: 8 },
    { arbitrary: operation.chain(withWrongVariables), weight: 2 },
    { arbitrary: operation.chain(broken), weight: 3 },
    {
      arbitrary: fc.oneof(nesting(), fragmentCycle(), unknownDirective(), manyTokens(), representations(schema)),
      weight: 3,
    },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 200 }).map((query) => ({ query, variables: {} })), weight: 1 },
  );
}

interface Selected {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Valid selections of an operation, whose arguments are variables with values that mostly fit their types. */
function selections(schema: GraphQLSchema): fc.Arbitrary<Selected> {
  const roots = (['query', 'mutation'] as const).flatMap((kind) => {
    const type = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
    return type ? [{ kind, type }] : [];
  });
  return fc.constantFrom(...roots).chain(({ kind, type }) =>
    fc.gen().map((pick) => {
      const one = new OneOperation(schema, pick);
      const body = one.selection(type, 0);
      return { text: `${kind}${one.definitions()} ${body}`, variables: one.variables };
    }),
  );
}

class OneOperation {
  readonly variables: Record<string, unknown> = {};
  readonly #types: string[] = [];
  readonly #schema: GraphQLSchema;
  readonly #pick: fc.GeneratorValue;

  constructor(schema: GraphQLSchema, pick: fc.GeneratorValue) {
    this.#schema = schema;
    this.#pick = pick;
  }

  definitions(): string {
    return this.#types.length ? `(${this.#types.join(', ')})` : '';
  }

  selection(type: GraphQLNamedOutputType, depth: number): string {
    if (isAbstractType(type)) {
      const member = this.#oneOf(this.#schema.getPossibleTypes(type));
      return `{ __typename ... on ${member.name} ${this.selection(member, depth)} }`;
    }
    if (!('getFields' in type)) return '';
    const fields = Object.values(type.getFields()).filter(
      (field) => !field.name.startsWith('_') && (depth < DEEPEST || !isCompositeType(getNamedType(field.type))),
    );
    const most = Math.min(fields.length, depth ? 4 : 2);
    const some = Array.from({ length: most }, () => this.#oneOf(fields));
    return `{ __typename ${some.map((field) => this.#field(field as Field, depth)).join(' ')} }`;
  }

  #field(field: Field, depth: number): string {
    const type = getNamedType(field.type);
    const given = field.args.filter(({ type: wanted }) => isNonNullType(wanted) || this.#pick(fc.boolean));
    const list = given.map((argument) => `${argument.name}: ${this.#variable(argument.type)}`).join(', ');
    const below = isCompositeType(type) ? ` ${this.selection(type, depth + 1)}` : '';
    // Aliases, so that the same field with other arguments does not clash.
    return `f${this.#pick(fc.nat, 1_000_000)}: ${field.name}${list && `(${list})`}${below}`;
  }

  /** By its place: what is picked from is compared, which cyclic types would make endless. */
  #oneOf<T>(values: readonly T[]): T {
    return values[this.#pick(fc.nat, values.length - 1)] as T;
  }

  #variable(type: GraphQLInputType): string {
    const name = `v${this.#types.length}`;
    this.#types.push(`$${name}: ${String(type)}`);
    this.variables[name] = this.#value(type);
    return `$${name}`;
  }

  #value(type: GraphQLInputType): unknown {
    if (this.#pick(fc.nat, 19) === 0) return this.#pick(anyOdd);
    if (isNonNullType(type)) return this.#value(type.ofType);
    if (isListType(type)) return Array.from({ length: this.#pick(fc.nat, 3) }, () => this.#value(type.ofType));
    if (isEnumType(type)) return this.#oneOf(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const given = fields.filter((field) => isNonNullType(field.type) || this.#pick(fc.boolean));
      return Object.fromEntries(given.map((field) => [field.name, this.#value(field.type)]));
    }
    return this.#scalar(type.name);
  }

  #scalar(name: string): unknown {
    if (name === 'Int') return this.#pick(anyInteger);
    if (name === 'Boolean') return this.#pick(fc.boolean);
    if (name === 'DateTime') return this.#oneOf(['2026-01-01T00:00:00Z', '0001-01-01T00:00:00Z']);
    const texts = ODD_VALUES.filter((value) => typeof value === 'string');
    return this.#oneOf(texts);
  }
}

type Field = GraphQLField<unknown, unknown>;

const withWrongVariables = ({ query, variables }: Hostile) =>
  fc.tuple(...Object.keys(variables).map(() => odd)).map((values) => ({
    query,
    variables: Object.fromEntries(Object.keys(variables).map((name, i) => [name, values[i]])),
  }));

/** A piece cut out of the text, or something put into it. */
const broken = ({ query, variables }: Hostile) =>
  fc
    .tuple(fc.nat(query.length), fc.nat(12), fc.constantFrom('', '{', '}', '@', '$', '"', '...', '\u0000', ' nothing '))
    .map(([at, length, put]) => ({ query: query.slice(0, at) + put + query.slice(at + length), variables }));

const nesting = () =>
  fc
    .tuple(fc.integer({ min: 1, max: 3_000 }), fc.constantFrom('myOrders { nodes', 'a', '...', '... on Query'))
    .map(([depth, word]) => ({
      query: `${`{ ${word} `.repeat(depth)}{ id }${' }'.repeat(depth)}`,
      variables: {},
    }));

const fragmentCycle = () =>
  fc.integer({ min: 1, max: 40 }).map((length) => ({
    query: `{ ...F0 } ${Array.from({ length }, (_, i) => `fragment F${i} on Query { ...F${(i + 1) % length} ...F${(i + 1) % length} }`).join(' ')}`,
    variables: {},
  }));

const unknownDirective = () =>
  fc
    .integer({ min: 1, max: 500 })
    .map((count) => ({ query: `{ __typename ${'@nothing '.repeat(count)} }`, variables: {} }));

const manyTokens = () =>
  fc
    .tuple(fc.integer({ min: 1, max: 8_000 }), fc.constantFrom('__typename', 'a: __typename', '#', '"', '['))
    .map(([count, word]) => ({
      query: `{ ${`${word} `.repeat(count)} }`,
      variables: {},
    }));

const representations = (schema: GraphQLSchema) => {
  const types = [...Object.keys(schema.getTypeMap()), 'Nothing', '__Type'];
  const one = fc.oneof(fc.record({ __typename: fc.constantFrom(...types), id: odd }), odd);
  return fc.array(one, { maxLength: 20 }).map((of) => ({
    query:
      'query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Order { id number } ... on User { id orders { nodes { id } } } } }',
    variables: { of },
  }));
};
