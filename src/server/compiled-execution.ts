import type { ApolloServerOptions } from '@apollo/server';
import {
  execute,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type Source,
} from 'graphql';
import type { Context } from '../schema/context.js';
import { CompiledOperations } from './compiled-operations.js';
import { errorsByNull } from './null-errors.js';

/** Most errors about variables in one answer, as in graphql-js. */
const MOST_ERRORS = { maxErrors: 50 };

type Gateway = NonNullable<ApolloServerOptions<Context>['gateway']>;
type Execute = Awaited<ReturnType<Gateway['load']>>['executor'] & {};

/**
 * Executes operations by code that is compiled for each, which costs less for every field of an answer. Compiling costs more
 * than one answer, so that an operation is compiled when it is asked a second time. Apollo Server has no other way in for an
 * executor than its `gateway` option: docs/decisions/compiled-operations.md.
 */
export function compiledExecution(schema: GraphQLSchema): Gateway {
  const execution = createExecution(schema);
  return {
    load: async () => ({ executor: execution }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: async () => undefined,
  };
}

function createExecution(schema: GraphQLSchema): Execute {
  const operations = new CompiledOperations(schema);
  return async ({ document, operationName, request, context }) => {
    const variableValues = request.variables ?? {};
    const args = { schema, document, contextValue: context, variableValues, operationName: operationName ?? null };
    const interpret = async () => withErrors(await execute(args));
    const operation = getOperationAST(document, operationName);
    if (!operation || dependsOnDefaults(operation, variableValues)) return interpret();
    const code = operations.codeFor(document, operation);
    if (!code) return interpret();
    // The compiled code words the refusal of a variable differently, without the node by which Apollo Server knows it.
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues, MOST_ERRORS);
    if (errors) return { errors };
    const result: ExecutionResult = await code.query(undefined, context, variableValues);
    // Without data nothing was executed: only the compiled code refuses what graphql-js takes.
    if (!('data' in result)) return interpret();
    return withErrors(result, (error) => located(error, document));
  };
}

/**
 * Whether a variable that has a default is absent or null: graphql-jit leaves defaults of custom scalars unparsed, and lets a
 * null through where a default makes a nullable variable acceptable.
 */
function dependsOnDefaults(
  { variableDefinitions = [] }: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): boolean {
  return variableDefinitions.some(({ variable, defaultValue }) => {
    const value = values[variable.name.value];
    return defaultValue !== undefined && (value === undefined || value === null);
  });
}

/** The result with the errors that count, each as `make` makes it. */
function withErrors(result: ExecutionResult, make = (error: GraphQLError) => error): ExecutionResult {
  const errors = errorsByNull(result);
  return errors ? { ...result, errors: errors.map((error) => make(error)) } : result;
}

/** What graphql-jit takes for a GraphQLError: it has locations, but neither nodes nor, often, extensions. */
type CompiledError = Pick<GraphQLError, 'message' | 'path' | 'locations' | 'originalError'>;

/** The error as graphql-js makes it of the same failure. */
function located(error: CompiledError, { loc }: DocumentNode): GraphQLError {
  const { message, path, locations, originalError } = error;
  // An error that was located before keeps its own place, as in graphql-js.
  if (originalError instanceof GraphQLError && originalError.path) return originalError;
  const source = loc?.source;
  const positions = source && locations?.map(({ line, column }) => positionOf(source, line, column));
  return new GraphQLError(message, { source, positions, path, originalError });
}

/** The offset of a line and column, which both count from 1. */
function positionOf({ body }: Source, line: number, column: number): number {
  const breaks = body.matchAll(/\r\n|[\n\r]/g);
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const { value } = breaks.next();
    if (value) start = value.index + value[0].length;
  }
  return start + column - 1;
}
