import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { fieldCountOf } from './field-count.js';

/** Most operations whose code is kept, the most recently used. */
const MAX_OPERATIONS = 500;
/** Most fields in them together: the code of a field takes about 6 KB, so that a full cache stays below 30 MB. */
const MAX_FIELDS = 5_000;
/** Most fields of an operation that is compiled, which takes about 0.1 ms a field; larger ones are interpreted. */
const MAX_FIELDS_OF_ONE = 300;

const NOT_COMPILABLE = Symbol('not compilable');

/**
 * Code for the operations that are asked again: compiled when an operation is asked a second time, kept in a cache that is
 * bounded by the number of operations and by their size.
 */
export class CompiledOperations {
  readonly #schema: GraphQLSchema;
  readonly #asked = new WeakSet<OperationDefinitionNode>();
  readonly #code = new LRUCache<OperationDefinitionNode, CompiledQuery | typeof NOT_COMPILABLE, DocumentNode>({
    max: MAX_OPERATIONS,
    maxSize: MAX_FIELDS,
  });

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /**
   * The code of an operation; undefined if the operation is new, too large, or cannot be compiled: it is interpreted then.
   * Operations are known by identity, so the documents must come from a cache.
   */
  codeFor(document: DocumentNode, operation: OperationDefinitionNode): CompiledQuery | undefined {
    const known = this.#code.get(operation) ?? this.#compileIfAskedAgain(document, operation);
    return known === NOT_COMPILABLE ? undefined : known;
  }

  #compileIfAskedAgain(document: DocumentNode, operation: OperationDefinitionNode) {
    if (!this.#asked.has(operation)) {
      this.#asked.add(operation);
      return undefined;
    }
    const size = 1 + fieldCountOf(document).of(operation);
    if (size > MAX_FIELDS_OF_ONE) return undefined;
    const compiled = compileQuery(this.#schema, document, operation.name?.value);
    const code = isCompiledQuery(compiled) ? compiled : NOT_COMPILABLE;
    this.#code.set(operation, code, { size });
    return code;
  }
}
