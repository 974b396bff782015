import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import {
  Kind,
  validate,
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import type { Config } from '../config.js';
import { costOf, fragmentsOf, representationsOf, variablesOf, type OperationToRun } from './cost.js';
import { refuseRepresentations } from './representations.js';
import { tooComplex } from './too-complex.js';

/** How much an operation may be, as settings. */
export type Limits = Pick<
  Config,
  | 'GRAPH_MAX_DEPTH'
  | 'GRAPH_MAX_ALIASES'
  | 'GRAPH_MAX_DIRECTIVES'
  | 'GRAPH_MAX_ROOT_FIELDS'
  | 'GRAPH_MAX_REPRESENTATIONS'
  | 'GRAPH_MAX_COST'
>;

/**
 * Makes the check of valid operations against the limits.
 * @returns why an operation is refused, naming the limit and the value; undefined where it may run
 */
export function createLimits(schema: GraphQLSchema, limits: Limits) {
  const rules = shapeRules(limits);
  // Documents that come again are the same object: Apollo Server keeps what it has parsed.
  const shapes = new WeakMap<DocumentNode, GraphQLError | null>();
  const refuseShape = (document: DocumentNode) => {
    const known = shapes.get(document);
    if (known !== undefined) return known;
    const [error = null] = validate(schema, document, rules);
    shapes.set(document, error);
    return error;
  };
  return (operation: OperationToRun): GraphQLError | undefined =>
    refuseShape(operation.document) ?? refuseRoots(schema, operation, limits) ?? refuseCost(schema, operation, limits);
}

/** The fields that an operation begins with, each name of an answer once, as they are executed. */
export function rootFieldsOf({ document, operation }: OperationToRun): FieldNode[] {
  const fragments = fragmentsOf(document);
  const fields = new Map<string, FieldNode>();
  const seen = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.set((selection.alias ?? selection.name).value, selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) collect(fragment.selectionSet);
      }
    }
  };
  collect(operation.selectionSet);
  return [...fields.values()];
}

function shapeRules(limits: Limits): ValidationRule[] {
  const options = (n: number) => ({ n, propagateOnRejection: false, onReject: [report] });
  return [
    maxDepthRule({ ...options(limits.GRAPH_MAX_DEPTH), flattenFragments: true }),
    maxAliasesRule(options(limits.GRAPH_MAX_ALIASES)),
    maxDirectivesRule(options(limits.GRAPH_MAX_DIRECTIVES)),
  ];
}

/** The rules find syntax errors in what is only too much. */
function report(context: ValidationContext | null, { message }: GraphQLError): void {
  context?.reportError(tooComplex(message.replace(/^Syntax Error: /, '')));
}

function refuseRoots(schema: GraphQLSchema, operation: OperationToRun, limits: Limits): GraphQLError | undefined {
  const fields = rootFieldsOf(operation);
  const most = limits.GRAPH_MAX_ROOT_FIELDS;
  if (fields.length > most) return tooComplex(`Root fields limit of ${most} exceeded, found ${fields.length}.`);
  const entities = fields.filter(({ name }) => name.value === '_entities');
  if (entities.length === 0) return undefined;
  const variables = variablesOf(operation);
  const count = entities.reduce((sum, node) => sum + representationsOf(node, variables).length, 0);
  const mostOfThem = limits.GRAPH_MAX_REPRESENTATIONS;
  if (count > mostOfThem) return tooComplex(`Representations limit of ${mostOfThem} exceeded, found ${count}.`);
  return entities.map((node) => refuseRepresentations(schema, node, variables)).find(Boolean);
}

function refuseCost(schema: GraphQLSchema, operation: OperationToRun, limits: Limits): GraphQLError | undefined {
  const cost = costOf(schema, operation);
  if (cost <= limits.GRAPH_MAX_COST) return undefined;
  return tooComplex(`Query cost limit of ${limits.GRAPH_MAX_COST} exceeded, found ${cost}.`);
}
