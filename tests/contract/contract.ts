import { CriticalityLevel, diff, type Change } from '@graphql-inspector/core';
import { buildASTSchema, parse, print, visit, type DirectiveNode, type GraphQLSchema } from 'graphql';

/** What other subgraphs rely on. What operations cost is told to routers and promised to nobody. */
const PROMISED_DIRECTIVES = ['key', 'shareable'];
const BROKEN_PROMISE = /^DIRECTIVE_USAGE_.*_REMOVED$|_DEFAULT_CHANGED$/;

/** What a schema promises to clients and to other subgraphs: the schema without descriptions and costs. */
export function contractOf(sdl: string): string {
  const dropped = ({ name }: DirectiveNode) => (PROMISED_DIRECTIVES.includes(name.value) ? undefined : null);
  const document = visit(parse(sdl, { noLocation: true }), {
    SchemaExtension: () => null,
    Directive: dropped,
    enter: (node) => ('description' in node && node.description ? { ...node, description: undefined } : undefined),
  });
  return `${print(document)}\n`;
}

/** What a schema breaks of a contract, one sentence each. What is added breaks nothing. */
export async function breachesOf(contract: string, sdl: string): Promise<string[]> {
  const changes = await diff(schemaOf(contract), schemaOf(contractOf(sdl)));
  return changes.filter(isBreach).map(({ message }) => message);
}

const isBreach = ({ criticality, type }: Change) =>
  criticality.level === CriticalityLevel.Breaking || BROKEN_PROMISE.test(type);

/** The directives are the federation specification's, which the text does not define. */
function schemaOf(sdl: string): GraphQLSchema {
  return buildASTSchema(parse(sdl), { assumeValid: true, assumeValidSDL: true });
}
