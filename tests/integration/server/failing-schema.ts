import { GraphQLError, GraphQLScalarType, buildSchema, isObjectType, type GraphQLSchema } from 'graphql';
import { badInput, forbidden, graphError, unauthenticated } from '../../../src/schema/errors.js';
import { PassingError } from './bare-server.js';

const rejecting = (error: unknown) => async () => {
  throw error;
};

/** A fresh error for each call, as resolvers make them. */
const FAILURES: Readonly<Record<string, () => unknown>> = {
  plain: () => {
    throw new Error('secret-detail');
  },
  late: async () => rejecting(new Error('secret-detail'))(),
  returned: () => new Error('secret-detail'),
  text: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
    throw 'secret-detail';
  },
  nothing: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
    throw undefined;
  },
  passing: () => rejecting(new PassingError('secret-detail'))(),
  unauthenticated: () => rejecting(unauthenticated())(),
  forbidden: () => rejecting(forbidden())(),
  badInput: () => rejecting(badInput('`after` is no cursor.'))(),
  later: () => rejecting(graphError('SERVICE_UNAVAILABLE', 'Later.', { retryAfterSeconds: 7 }))(),
  uncoded: () => rejecting(new GraphQLError('secret-detail'))(),
  wrapping: () => rejecting(new GraphQLError('secret-detail', { originalError: new PassingError('secret-detail') }))(),
  unserializable: () => 'secret-detail',
  missing: () => null,
  noList: () => 5,
  ofNoType: () => ({ __typename: 'Nothing' }),
};

const SDL = `
  scalar Strict
  interface Node { id: ID! }
  type Thing implements Node { id: ID!, inner: Thing, ${fieldsOf('Int')} }
  union _Entity = Thing
  type Query {
    ${fieldsOf('Int')}
    things: [Thing]
    thing: Thing
    strictThings: [Thing!]
    _entities(representations: [Strict!]!): [_Entity]!
    echo(text: String!, number: Int): String
    strict(value: Strict): String
  }
  type Mutation { ${fieldsOf('Int')} }
  type Subscription { ${fieldsOf('Int')} }
`;

function fieldsOf(type: string): string {
  const special: Record<string, string> = { missing: 'Int!', noList: '[Int]', ofNoType: 'Node' };
  return Object.keys(FAILURES)
    .map((name) => `${name}: ${special[name] ?? type}`)
    .join('\n');
}

/** A schema in which everything fails that can: each field in its own way. */
export function failingSchema(): GraphQLSchema {
  const schema = buildSchema(SDL);
  const strict = schema.getType('Strict');
  if (strict instanceof GraphQLScalarType) strict.parseValue = parseStrict;
  const things = [{ id: '1' }, { id: '2' }];
  const entities = things.map((thing) => ({ __typename: 'Thing', ...thing }));
  const values: Record<string, unknown> = {
    things,
    strictThings: things,
    thing: { id: '1' },
    inner: { id: '3' },
    _entities: entities,
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const fail = FAILURES[field.name];
      if (fail) field.resolve = fail;
      else if (field.name in values) field.resolve = async () => values[field.name];
      if (type.name === 'Subscription') {
        field.subscribe = async function* () {
          yield 1;
        };
      }
    }
  }
  return schema;
}

function parseStrict(value: unknown): unknown {
  if (value === 'refused') throw new GraphQLError('This is refused.', { extensions: { code: 'BAD_USER_INPUT' } });
  if (value === 'broken') throw new Error('Not this either.');
  return value;
}

/** Names of the fields that fail, in the query, the mutation and the subscription alike. */
export const failures = Object.keys(FAILURES);
