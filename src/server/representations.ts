import { GraphQLError, isUnionType, type FieldNode, type GraphQLSchema } from 'graphql';
import { representationsOf } from './cost.js';

/**
 * Why the representations of an `_entities` field make no sense: something else than an object, or of a type that is no entity
 * here. The subgraph library takes that for a defect of ours.
 */
export function refuseRepresentations(
  schema: GraphQLSchema,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | undefined {
  const union = schema.getType('_Entity');
  const entities = new Set(isUnionType(union) ? union.getTypes().map(({ name }) => name) : []);
  const isMeant = (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    '__typename' in value &&
    typeof value.__typename === 'string' &&
    entities.has(value.__typename);
  const at = representationsOf(node, variables).findIndex((value) => !isMeant(value));
  if (at < 0) return undefined;
  const message = `Representation ${at} is not an object with the __typename of an entity.`;
  return new GraphQLError(message, { nodes: node, extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } } });
}
