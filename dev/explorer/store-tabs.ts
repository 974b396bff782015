/** A tab as it is prepared for a page of GraphiQL. */
export interface PreparedTab {
  readonly query: string | null;
  readonly variables?: string | null;
  readonly headers?: string | null;
}

type Field = 'query' | 'variables' | 'headers';

interface StoredTab extends Record<Field, string | null> {
  readonly id: string;
  readonly title: string;
  readonly operationName: string | null;
  readonly response: null;
}

interface TabState {
  readonly activeTabIndex: number;
  readonly tabs: StoredTab[];
}

/**
 * Runs in the browser before GraphiQL, which keeps its tabs in the storage: puts the prepared tabs there where it has none,
 * and otherwise renews the variables and headers that the reader has left as they were prepared, because tokens and orders
 * end. Its text is put into the page, so it uses nothing from outside.
 */
export function storeTabs(
  prepared: readonly PreparedTab[],
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  search: string,
): void {
  const before = JSON.parse(storage.getItem('explorer:prepared') ?? '[]') as PreparedTab[];
  const kept = JSON.parse(storage.getItem('graphiql:tabState') ?? 'null') as TabState | null;

  const titleOf = (query: string | null) => /^(?:query|mutation|subscription) (\w+)/m.exec(query ?? '')?.[1];
  const firstTabs = () =>
    prepared.map(({ query, variables = null, headers = null }, index) => {
      const title = titleOf(query);
      const names = { id: `prepared-${index}`, title: title ?? '<untitled>', operationName: title ?? null };
      return { ...names, query, variables, headers, response: null };
    });
  const renewed = (text: string | null, field: Field) => {
    const at = text ? before.findIndex((tab) => tab[field] === text) : -1;
    return prepared[at]?.[field] ?? text;
  };
  const renewedTabs = ({ tabs }: TabState) =>
    tabs.map((tab) => ({
      ...tab,
      variables: renewed(tab.variables, 'variables'),
      headers: renewed(tab.headers, 'headers'),
    }));

  const tabs = kept ? renewedTabs(kept) : firstTabs();
  // GraphiQL writes the address at once and its tabs half a second later.
  const open = tabs.findIndex(({ query }) => query === new URLSearchParams(search).get('query'));
  const activeTabIndex = open >= 0 ? open : (kept?.activeTabIndex ?? 0);
  storage.setItem('explorer:prepared', JSON.stringify(prepared));
  storage.setItem('graphiql:tabState', JSON.stringify({ activeTabIndex, tabs }));
  // Of the open tab GraphiQL keeps them twice, and opens another tab where they differ.
  for (const field of ['query', 'variables', 'headers'] as const) {
    storage.setItem(`graphiql:${field}`, tabs[activeTabIndex]?.[field] ?? '');
  }
}
