import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { storeTabs } from './store-tabs.js';
import type { PreparedTab } from './store-tabs.js';

type GraphiQLOptions = NonNullable<Parameters<typeof renderGraphiQL>[0]>;

// Several tabs that are there from the beginning jump away from the pointer that presses one of them.
const TABS_STAY = '<style>.graphiql-tab { transform: none !important; }</style>';

/** What GraphiQL is told. */
export function explorerOptions(tabs: readonly PreparedTab[]): GraphiQLOptions {
  return {
    title: 'EduLearn',
    // Over a WebSocket this GraphiQL says nothing of the headers of a tab.
    subscriptionsProtocol: 'SSE',
    defaultTabs: [...tabs],
    // None of its own, which would be a tab more.
    defaultQuery: '',
    // Of tabs that the reader opens.
    headers: tabs[0]?.headers ?? undefined,
  };
}

/** The page of the explorer; it needs nothing from outside. */
export function explorerPage({ defaultTabs = [], ...options }: GraphiQLOptions = {}): string {
  const tabs = JSON.stringify(defaultTabs).replaceAll('<', '\\u003c');
  // Put where GraphiQL keeps tabs: as an option the first of them would have no headers.
  const script =
    defaultTabs.length > 0 ? `<script>(${storeTabs})(${tabs}, localStorage, location.search);</script>` : '';
  return renderGraphiQL(options)
    .replace('</head>', () => `${TABS_STAY}</head>`)
    .replace('<div id="root"></div>', (root) => `${root}\n${script}`);
}
