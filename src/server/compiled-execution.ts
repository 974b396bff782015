import type { ApolloServerOptions } from '@apollo/server';
import {
  execute,
  getOperationAST,
  getVariableValues,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import type { Context } from '../schema/context.js';

/** As many as graphql-js tells. */
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
  const compiled = compiledWhenAskedAgain(schema);
  return async ({ document, operationName, request, context }) => {
    const operation = getOperationAST(document, operationName);
    if (!operation) throw new Error('an operation that was not found is executed');
    const variableValues = request.variables ?? {};
    const code = compiled(document, operation);
    if (!code) {
      return execute({ schema, document, contextValue: context, variableValues, operationName: operationName ?? null });
    }
    // The compiled code refuses wrong variables in words of its own, which Apollo Server does not know.
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues, MOST_ERRORS);
    return errors ? { errors } : code.query(undefined, context, variableValues);
  };
}

/** Apollo Server hands out the same document for the same text, as long as it remembers the text. */
function compiledWhenAskedAgain(schema: GraphQLSchema) {
  const known = new WeakMap<OperationDefinitionNode, CompiledQuery | 'asked once' | 'not to be compiled'>();
  return (document: DocumentNode, operation: OperationDefinitionNode): CompiledQuery | null => {
    const before = known.get(operation);
    if (typeof before === 'object') return before;
    if (!before) known.set(operation, 'asked once');
    if (before !== 'asked once') return null;
    const compiled = compileQuery(schema, document, operation.name?.value);
    known.set(operation, isCompiledQuery(compiled) ? compiled : 'not to be compiled');
    return isCompiledQuery(compiled) ? compiled : null;
  };
}
