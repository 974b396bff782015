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
import { LRUCache } from 'lru-cache';
import type { Config } from '../config.js';
import type { OperationToRun } from './cost.js';

/** What a client of the WebSocket sends to begin an operation. */
export interface Payload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Most documents that are remembered, the latest asked for. */
const KNOWN_DOCUMENTS = 1_000;

/** Makes what Apollo Server does over HTTP for the WebSocket: text in, valid operation or errors with their codes out. */
export function createPrepare(schema: GraphQLSchema, { GRAPH_MAX_TOKENS: maxTokens, NODE_ENV }: Config) {
  const rules = NODE_ENV === 'production' ? [...specifiedRules, NoSchemaIntrospectionCustomRule] : specifiedRules;
  // Streams that ask the same share one document: each would keep its own as long as it is open.
  const known = new LRUCache<string, DocumentNode>({ max: KNOWN_DOCUMENTS });
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
    return parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) return withCode(error, 'GRAPHQL_PARSE_FAILED');
    throw error;
  }
}

function withCode({ message, nodes, source, positions }: GraphQLError, code: string): GraphQLError {
  return new GraphQLError(message, { nodes, source, positions, extensions: { code } });
}

function unknownOperation(): GraphQLError {
  const extensions = { code: 'OPERATION_RESOLUTION_FAILURE' };
  return new GraphQLError('Name one of the operations that the document has.', { extensions });
}
