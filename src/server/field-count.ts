import type { GraphQLError } from 'graphql';
import {
  Kind,
  type ASTVisitor,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { fragmentsOf } from './cost.js';
import { tooComplex } from './too-complex.js';

const counted = new WeakMap<DocumentNode, FieldCount>();

/** The field count of a document, computed once for each document. */
export function fieldCountOf(document: DocumentNode): FieldCount {
  const known = counted.get(document) ?? new FieldCount(document);
  counted.set(document, known);
  return known;
}

/**
 * A validation rule that refuses a document whose fields, with all fragments expanded, are more than `limit`. It decides
 * when the traversal enters the document and then ends it, so that no rule whose work grows faster than the document
 * (merging of overlapping fields above all) sees a document that is too large.
 */
export function maxFieldsRule(limit: number): ValidationRule {
  return (context: ValidationContext): ASTVisitor => ({
    Document: (document: DocumentNode) => {
      const count = fieldCountOf(document).largest;
      if (count <= limit) return undefined;
      context.reportError(fieldsExceeded(limit, count));
      // A visitor that removes the root leaves nothing to traverse.
      return null;
    },
  });
}

function fieldsExceeded(limit: number, count: number): GraphQLError {
  return tooComplex(`Fields limit of ${limit} exceeded, found ${count}.`);
}

/**
 * Counts the fields of a document as if every fragment were written out where it is spread. Each fragment is walked once,
 * so that counting takes time linear in the document. A fragment that spreads itself counts nothing where it does: such a
 * document is refused by validation.
 */
class FieldCount {
  /** The fields of all operations together, or of the largest fragment, whether it is used or not. */
  readonly largest: number;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #ofFragments = new Map<string, number>();

  constructor(document: DocumentNode) {
    this.#fragments = fragmentsOf(document);
    const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    const inOperations = operations.reduce((sum, operation) => sum + this.of(operation as OperationDefinitionNode), 0);
    const inFragments = [...this.#fragments.keys()].map((name) => this.#ofFragment(name));
    this.largest = inFragments.reduce((most, count) => Math.max(most, count), inOperations);
  }

  /** The fields of one operation of the document. */
  of({ selectionSet }: OperationDefinitionNode): number {
    return this.#ofSelections(selectionSet);
  }

  #ofSelections({ selections }: SelectionSetNode): number {
    let count = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) count += this.#ofFragment(selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) count += this.#ofSelections(selection.selectionSet);
      else count += 1 + (selection.selectionSet ? this.#ofSelections(selection.selectionSet) : 0);
    }
    return count;
  }

  #ofFragment(name: string): number {
    const known = this.#ofFragments.get(name);
    if (known !== undefined) return known;
    const fragment = this.#fragments.get(name);
    this.#ofFragments.set(name, 0);
    const count = fragment ? this.#ofSelections(fragment.selectionSet) : 0;
    this.#ofFragments.set(name, count);
    return count;
  }
}
