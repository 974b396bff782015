import type { FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import type { OrderPartName } from '../../entities/order/order-parts.js';

/** What an operation may show of orders: it is read together with each order, so that all of it is of one version. */
export interface SelectedParts {
  readonly parts: readonly OrderPartName[];
  /** An order is shown beside its bookings and refunds. */
  readonly orders: boolean;
}

export const NOTHING_SELECTED: SelectedParts = { parts: [], orders: false };

/** By the name of a field, whatever type it is of: that too much is read once in a while costs less than looking closely. */
const PARTS: Readonly<Record<string, readonly OrderPartName[]>> = {
  items: ['items'],
  item: ['items'],
  payments: ['attempts'],
  payment: ['attempts'],
  refunds: ['refunds'],
  refund: ['refunds'],
  timeline: ['events'],
  booking: ['bookings'],
  sessionBooking: ['bookings'],
  sessionBookings: ['bookings'],
  mySessionBookings: ['bookings'],
  viewerBooking: ['bookings'],
  availableActions: ['attempts', 'refunds', 'bookings'],
};
const PARTS_OF_TYPE: Readonly<Record<string, readonly OrderPartName[]>> = { SessionBooking: ['bookings'] };
const SHOW_ORDERS: ReadonlySet<string> = new Set(['order', 'holdExpiresAt', 'availableActions']);

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

const known = new WeakMap<OperationDefinitionNode, SelectedParts>();

/** The parts that an operation selects; found once for each operation that is remembered. */
export function selectedParts(operation: OperationDefinitionNode, fragments: Fragments): SelectedParts {
  const before = known.get(operation);
  if (before) return before;
  const { names, types } = namesOf(operation, fragments);
  const selected = [...names].flatMap((name) => PARTS[name] ?? []);
  const ofTypes = [...types].flatMap((type) => PARTS_OF_TYPE[type] ?? []);
  const found = {
    parts: [...new Set([...selected, ...ofTypes])].sort(),
    orders: [...names].some((name) => SHOW_ORDERS.has(name)),
  };
  known.set(operation, found);
  return found;
}

/** Names of all fields and types of an operation. Every fragment is visited once, however often it is spread. */
function namesOf(operation: OperationDefinitionNode, fragments: Fragments) {
  const [names, types, seen] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const waiting: SelectionSetNode[] = [operation.selectionSet];
  for (let set = waiting.pop(); set; set = waiting.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === 'Field') names.add(selection.name.value);
      if (selection.kind === 'FragmentSpread') {
        const fragment = seen.has(selection.name.value) ? undefined : fragments[selection.name.value];
        seen.add(selection.name.value);
        if (!fragment) continue;
        types.add(fragment.typeCondition.name.value);
        waiting.push(fragment.selectionSet);
      } else if (selection.selectionSet) {
        if (selection.kind === 'InlineFragment' && selection.typeCondition)
          types.add(selection.typeCondition.name.value);
        waiting.push(selection.selectionSet);
      }
    }
  }
  return { names, types };
}
