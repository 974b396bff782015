import {
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** An operation as it came in, valid by the schema. */
export interface OperationToRun {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What a field's `@cost` and `@listSize` say. */
interface FieldCost {
  readonly weight: number;
  readonly assumedSize: number;
  readonly slicingArguments: readonly string[];
  readonly sizedFields: readonly string[];
}

/** The fields below that are lists as long as an argument above them says. */
interface Sized {
  readonly fields: readonly string[];
  readonly length: number;
}

/** Counted for a list whose length nothing tells. */
const UNTOLD_LENGTH = 10;

/**
 * What an operation costs at most: an object 1, a scalar nothing, unless `@cost` gives the field a weight; times the length
 * of lists, which `@listSize` and the values of arguments tell. Of a union the dearest member counts. A field that is
 * selected twice counts twice, and one that `@skip` leaves out counts too. Introspection is free.
 */
export function costOf(schema: GraphQLSchema, operation: OperationToRun): number {
  const root = schema.getRootType(operation.operation.operation);
  return root ? new CostCount(schema, operation).ofSelections(operation.operation.selectionSet, root, undefined) : 0;
}

/** The values of an operation's variables, their defaults included. */
export function variablesOf({ operation, variables }: OperationToRun): Readonly<Record<string, unknown>> {
  const defaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...variables };
}

/** The fragments of a document by name. */
export function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
}

/** The representations that an `_entities` field asks for. */
export function representationsOf(node: FieldNode, variables: Readonly<Record<string, unknown>>): readonly unknown[] {
  const given = argumentOf(node, 'representations', variables);
  // A single value counts as a list of one, as GraphQL has it.
  return Array.isArray(given) ? given : [given];
}

function argumentOf(node: FieldNode, name: string, variables: Readonly<Record<string, unknown>>): unknown {
  const argument = node.arguments?.find((candidate) => candidate.name.value === name);
  return argument && valueFromASTUntyped(argument.value, variables);
}

class CostCount {
  readonly #schema: GraphQLSchema;
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** What was counted already: fragments in fragments would be walked exponentially often. */
  readonly #known = new Map<SelectionSetNode, Map<string, number>>();

  constructor(schema: GraphQLSchema, operation: OperationToRun) {
    this.#schema = schema;
    this.#variables = variablesOf(operation);
    this.#fragments = fragmentsOf(operation.document);
  }

  ofSelections(set: SelectionSetNode, type: GraphQLCompositeType, sized: Sized | undefined): number {
    if (isAbstractType(type)) {
      const members = this.#schema.getPossibleTypes(type);
      return Math.max(0, ...members.map((member) => this.#ofObject(set, member, sized)));
    }
    return this.#ofObject(set, type, sized);
  }

  #ofObject(set: SelectionSetNode, type: GraphQLObjectType, sized: Sized | undefined): number {
    const key = sized ? `${type.name} ${sized.length} ${sized.fields.join()}` : type.name;
    const known = this.#known.get(set) ?? new Map<string, number>();
    this.#known.set(set, known);
    const before = known.get(key);
    if (before !== undefined) return before;
    const cost = set.selections.reduce((sum, selection) => sum + this.#ofSelection(selection, type, sized), 0);
    known.set(key, cost);
    return cost;
  }

  #ofSelection(selection: SelectionNode, type: GraphQLObjectType, sized: Sized | undefined): number {
    if (selection.kind === Kind.FIELD) return this.#ofField(selection, type, sized);
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
    if (!fragment || !this.#applies(fragment.typeCondition?.name.value, type)) return 0;
    return this.#ofObject(fragment.selectionSet, type, sized);
  }

  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    const wanted = condition === undefined ? type : this.#schema.getType(condition);
    return wanted === type || (isAbstractType(wanted) && this.#schema.isSubType(wanted, type));
  }

  #ofField(node: FieldNode, parent: GraphQLObjectType, sized: Sized | undefined): number {
    const field = parent.getFields()[node.name.value];
    if (!field) return 0;
    const said = this.#costOfField(field);
    const type = getNamedType(field.type);
    const isList = isListType(getNullableType(field.type));
    const below = isList ? undefined : this.#sizedBelow(node, field, said);
    const inner = node.selectionSet && isCompositeType(type) ? this.ofSelections(node.selectionSet, type, below) : 0;
    const one = said.weight + inner;
    if (!isList || one === 0) return one;
    return one * (sized?.fields.includes(field.name) ? sized.length : this.#lengthOf(node, field, said));
  }

  #sizedBelow(node: FieldNode, field: Field, said: FieldCost): Sized | undefined {
    if (said.sizedFields.length === 0) return undefined;
    return { fields: said.sizedFields, length: this.#lengthOf(node, field, said) };
  }

  #lengthOf(node: FieldNode, field: Field, { slicingArguments, assumedSize }: FieldCost): number {
    if (field.name === '_entities') return representationsOf(node, this.#variables).length;
    const lengths = slicingArguments
      .map((name) => {
        const given = argumentOf(node, name, this.#variables);
        return isLength(given) ? given : field.args.find((argument) => argument.name === name)?.defaultValue;
      })
      .filter(isLength);
    return lengths.length ? Math.max(...lengths) : assumedSize;
  }

  #costOfField(field: Field): FieldCost {
    const before = FIELD_COSTS.get(field);
    if (before) return before;
    const cost = readFieldCost(this.#schema, field);
    FIELD_COSTS.set(field, cost);
    return cost;
  }
}

const isLength = (value: unknown): value is number => typeof value === 'number' && value > 0;

type Field = GraphQLField<unknown, unknown>;

const FIELD_COSTS = new WeakMap<Field, FieldCost>();

function readFieldCost(schema: GraphQLSchema, field: Field): FieldCost {
  const say = (name: string) => {
    const directive = schema.getDirective(name);
    return directive && field.astNode ? getDirectiveValues(directive, field.astNode) : undefined;
  };
  const [cost, list] = [say('cost'), say('listSize')];
  const type = getNamedType(field.type);
  const usual = isObjectType(type) || isAbstractType(type) ? 1 : 0;
  return {
    weight: (cost?.['weight'] as number | undefined) ?? usual,
    assumedSize: (list?.['assumedSize'] as number | null | undefined) ?? UNTOLD_LENGTH,
    slicingArguments: (list?.['slicingArguments'] as string[] | null | undefined) ?? [],
    sizedFields: (list?.['sizedFields'] as string[] | null | undefined) ?? [],
  };
}
