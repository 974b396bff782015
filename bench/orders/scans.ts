/** A node of EXPLAIN (FORMAT JSON). */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Every scan of a plan: its kind and the index or table, such as `Index Scan orders_pkey`. */
export function scansOf(plans: readonly { readonly Plan: PlanNode }[]): string[] {
  const walk = (node: PlanNode): string[] => [
    ...(node['Node Type'].endsWith('Scan') ? [nameOf(node)] : []),
    ...(node.Plans ?? []).flatMap(walk),
  ];
  return plans.flatMap(({ Plan }) => walk(Plan));
}

const nameOf = (node: PlanNode): string =>
  [node['Node Type'], node['Index Name'] ?? node['Relation Name']].filter(Boolean).join(' ');
