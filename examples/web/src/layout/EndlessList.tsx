import type { ReactNode } from 'react';
import { Text } from '@mantine/core';
import { Loaded } from './Loaded';
import { MoreButton } from './MoreButton';

interface Connection<TNode> {
  readonly edges: readonly { readonly node: TNode }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

interface EndlessListProps<TNode> {
  readonly query: {
    readonly error?: unknown;
    readonly loading: boolean;
    readonly refetch: () => Promise<unknown>;
    readonly fetchMore: (options: { variables: { after: string | null } }) => Promise<unknown>;
  };
  readonly connection: Connection<TNode> | null | undefined;
  /** What is said when there is nothing. */
  readonly empty: string;
  readonly children: (nodes: readonly TNode[]) => ReactNode;
}

/** A connection of the graph, page after page as far as somebody scrolls. */
export function EndlessList<TNode>({ query, connection, empty, children }: EndlessListProps<TNode>) {
  return (
    <Loaded query={query} value={connection}>
      {({ edges, pageInfo }) => (
        <>
          {edges.length === 0 ? <Text c="dimmed">{empty}</Text> : children(edges.map(({ node }) => node))}
          <MoreButton
            hasMore={pageInfo.hasNextPage}
            isLoading={query.loading}
            // What went wrong is in the query's own error.
            onMore={() => void query.fetchMore({ variables: { after: pageInfo.endCursor } }).catch(() => undefined)}
          />
        </>
      )}
    </Loaded>
  );
}
