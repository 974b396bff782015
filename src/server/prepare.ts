import {
  getOperationAST,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import type { Config } from '../config.js';
import type { OperationToRun } from './cost.js';
import { createDocumentCache } from './document-cache.js';
import { maxFieldsRule } from './field-count.js';
import { nestingRefusal } from './text-nesting.js';

/** What a client of the WebSocket sends to begin an operation. */
export interface Payload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Makes what Apollo Server does over HTTP for the WebSocket: text in, valid operation or errors with their codes out. */
export function createPrepare(schema: GraphQLSchema, config: Config) {
  const { GRAPH_MAX_TOKENS: maxTokens, GRAPH_MAX_FIELDS: maxFields, NODE_ENV } = config;
  const introspection = NODE_ENV === 'production' ? [NoSchemaIntrospectionCustomRule] : [];
  const rules = [...specifiedRules, ...introspection, maxFieldsRule(maxFields)];
  // Streams that ask the same share one document: each would keep its own as long as it is open.
  const known = createDocumentCache();
  const documentOf = (query: string): DocumentNode | readonly GraphQLError[] => {
    const before = known.get(query);
    if (before) return before;
    const document = parsed(query, maxTokens);
    if (document instanceof GraphQLError) return [document];
    const errors = validate(schema, document, rules);
    if (errors.length > 0) return errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    known.set(query, document);
    return document;
  };
  return ({ query, operationName, variables }: Payload): OperationToRun | readonly GraphQLError[] => {
    const document = documentOf(query);
    if (!('kind' in document)) return document;
    const operation = getOperationAST(document, operationName);
    return operation ? { document, operation, variables: variables ?? {} } : [unknownOperation()];
  };
}

/** Any failure as the list of errors that ends an operation. */
export function asErrors(error: unknown): readonly GraphQLError[] {
  if (error instanceof GraphQLError) return [error];
  return [new GraphQLError('Something went wrong.', { originalError: error as Error })];
}

function parsed(query: string, maxTokens: number): DocumentNode | GraphQLError {
  try {
    return nestingRefusal(query) ?? parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, 'GRAPHQL_PARSE_FAILED');
    throw error;
  }
}

/** A refusal that has a code of its own, such as that of a limit, keeps it. */
function withCode({ message, nodes, source, positions, extensions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, extensions: { code, ...extensions } });
}

/** The refusal of a request whose document has several operations and none, or none of them, is named. */
export function unknownOperation(): GraphQLError {
  const extensions = { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } };
  return new GraphQLError('Name one of the operations that the document has.', { extensions });
}
