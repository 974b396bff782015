import {
  getNamedType,
  isCompositeType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';

/** Arguments of fields, as GraphQL text, by `Type.field`. */
export type Arguments = Readonly<Record<string, string>>;

/** One question whose answer depends on who asks. */
export interface Question {
  /** As the table names it. */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription' | 'entity';
  readonly query: string;
  /** Where in the data the answer is. */
  readonly field: string;
  /** The entity that a router would ask for. */
  readonly entity?: string;
}

const ENTITIES = ['Order', 'SessionBooking', 'User', 'Course', 'Session'];
/** Fields that tell whose an answer is, and the lists that lead to them. */
const TELLING = ['__typename', 'id', 'buyerId', 'attendeeId', 'code'];
const LEADING = ['nodes', 'order', 'booking'];

/** Every operation, every entity, and every field of an entity. */
export function questionsOf(schema: GraphQLSchema, args: Arguments): Question[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return [
    ...roots.flatMap(([kind, type]) => (type ? fieldsOf(type).map((field) => operation(kind, type, field, args)) : [])),
    ...ENTITIES.flatMap((name) => entityQuestions(schema, name, args)),
    byWhom(),
  ];
}

const fieldsOf = (type: GraphQLObjectType) =>
  Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'));

type Field = GraphQLField<unknown, unknown>;

function operation(
  kind: 'query' | 'mutation' | 'subscription',
  type: GraphQLObjectType,
  field: Field,
  args: Arguments,
): Question {
  const name = `${type.name}.${field.name}`;
  return { name, kind, field: field.name, query: `${kind} { ${call(name, field, args)} }` };
}

function entityQuestions(schema: GraphQLSchema, name: string, args: Arguments): Question[] {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no type of the schema`);
  const ask = (selection: string) =>
    `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on ${name} { ${selection} } } }`;
  const one = (field: Field): Question => {
    const path = `${name}.${field.name}`;
    return { name: path, kind: 'entity', field: field.name, entity: name, query: ask(call(path, field, args)) };
  };
  return [{ name, kind: 'entity', field: '__typename', entity: name, query: ask('id') }, ...fieldsOf(type).map(one)];
}

/** Which person did something to an order. */
function byWhom(): Question {
  const query = `query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Order { timeline { by { id } } } } }`;
  return { name: 'OrderEvent.by', kind: 'entity', field: 'timeline', entity: 'Order', query };
}

function call(path: string, field: Field, args: Arguments): string {
  const given = args[path] === undefined ? '' : `(${args[path]})`;
  return `${field.name}${given} ${selection(getNamedType(field.type), 2)}`;
}

/** What tells whose it is. */
function selection(type: GraphQLNamedType, depth: number): string {
  if (!isCompositeType(type)) return '';
  if (isUnionType(type)) return '{ __typename ... on UserError { code } }';
  const fields = fieldsOf(type as GraphQLObjectType);
  const telling = fields.filter(({ name }) => TELLING.includes(name)).map(({ name }) => name);
  const leading = depth > 0 ? fields.filter(({ name }) => LEADING.includes(name)) : [];
  const below = leading.map(({ name, type: inner }) => `${name} ${selection(getNamedType(inner), depth - 1)}`);
  return `{ ${['__typename', ...telling, ...below].join(' ')} }`;
}
