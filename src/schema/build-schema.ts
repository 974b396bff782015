import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph';
import { GraphQLDateTime } from 'graphql-scalars';
import {
  GraphQLObjectType,
  parse,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import { buildSchemaSync, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { Context } from './context.js';

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@shareable", "@cost", "@listSize", "@tag"])`;

/** TypeGraphQL gives the root types no descriptions. */
const ROOTS: Readonly<Record<string, string>> = {
  Query: 'What can be read.',
  Mutation: 'What can be done. Every mutation answers a union of success and refusals.',
  Subscription: 'What can be followed live.',
};

/** Streams subscribe by themselves (src/subscriptions); TypeGraphQL only insists that there is something. */
const NO_TOPICS = {
  publish: () => {
    throw new Error('streams do not use topics');
  },
  subscribe: () => {
    throw new Error('streams do not use topics');
  },
};

/** Stands around the resolver of every root field. */
export type AroundRoot = (
  resolve: GraphQLFieldResolver<unknown, Context>,
  parent: 'Query' | 'Mutation' | 'Subscription',
) => GraphQLFieldResolver<unknown, Context>;

type Reference = (representation: { id: string }, context: Context, info: GraphQLResolveInfo) => unknown;

/** The executable schema and the text that is composed into the supergraph. */
export interface Subgraph {
  readonly schema: GraphQLSchema;
  readonly sdl: string;
}

/** Builds the federated schema from resolver classes and the resolvers of references. */
export function buildSubgraph(
  resolvers: NonEmptyArray<object>,
  references: Readonly<Record<string, Reference>>,
  aroundRoot: AroundRoot,
): Subgraph {
  const plain = buildSchemaSync({
    resolvers: resolvers as never,
    scalarsMap: [{ type: Date, scalar: GraphQLDateTime }],
    skipCheck: true,
    validate: false,
    pubSub: NO_TOPICS,
  });
  for (const type of [plain.getQueryType(), plain.getMutationType(), plain.getSubscriptionType()]) {
    if (type instanceof GraphQLObjectType) type.description = ROOTS[type.name];
  }
  const map = createResolversMap(plain) as Record<string, Record<string, unknown>>;
  for (const [name, resolve] of Object.entries(references)) map[name] = { ...map[name], __resolveReference: resolve };
  const sdl = `${LINK}\n\n${printSubgraphSchema(plain).trim()}\n`;
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: map as never }]);
  for (const parent of ['Query', 'Mutation', 'Subscription'] as const) {
    const fields = (schema.getType(parent) as GraphQLObjectType<unknown, Context> | undefined)?.getFields() ?? {};
    for (const field of Object.values(fields)) if (field.resolve) field.resolve = aroundRoot(field.resolve, parent);
  }
  return { sdl, schema };
}
