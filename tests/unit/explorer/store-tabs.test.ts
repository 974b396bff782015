import { beforeEach, describe, expect, it } from '@jest/globals';
import { storeTabs } from '../../../dev/explorer/store-tabs.js';

const BROWSE = { query: '# What there is.\nquery Browse {\n  me { name }\n}\n', variables: null, headers: 'token 1' };
const PAY = { query: 'mutation Pay($id: ID!) { pay(id: $id) { id } }', variables: 'order 1', headers: 'token 1' };
const TODAY = [
  { ...BROWSE, headers: 'token 2' },
  { ...PAY, variables: 'order 2', headers: 'token 2' },
];

let stored: Map<string, string>;
beforeEach(() => void (stored = new Map()));

const storage = {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value),
};
const read = () => JSON.parse(stored.get('graphiql:tabState') ?? '');
/** What GraphiQL does when the reader types. */
function type(index: number, change: object): void {
  const state = read();
  Object.assign(state.tabs[index], change);
  stored.set('graphiql:tabState', JSON.stringify({ ...state, activeTabIndex: index }));
}

describe('given a browser that has not seen the explorer', () => {
  it('then the prepared tabs are stored, each with the title of its operation, and the first is open', () => {
    storeTabs([BROWSE, PAY], storage, '');
    expect(read()).toEqual({
      activeTabIndex: 0,
      tabs: [
        { id: 'prepared-0', title: 'Browse', operationName: 'Browse', response: null, ...BROWSE },
        { id: 'prepared-1', title: 'Pay', operationName: 'Pay', response: null, ...PAY },
      ],
    });
    expect(stored.get('graphiql:query')).toBe(BROWSE.query);
    expect(stored.get('graphiql:variables')).toBe('');
    expect(stored.get('graphiql:headers')).toBe('token 1');
  });
});

describe('given a browser that has kept the tabs of yesterday', () => {
  beforeEach(() => storeTabs([BROWSE, PAY], storage, ''));

  it('then their tokens and orders become those of today, also where an operation was changed', () => {
    type(1, { query: 'mutation Mine { mine }' });
    storeTabs(TODAY, storage, '');
    expect(read().tabs).toMatchObject([
      { query: BROWSE.query, variables: null, headers: 'token 2' },
      { query: 'mutation Mine { mine }', variables: 'order 2', headers: 'token 2' },
    ]);
  });

  it('then what the reader has written stays', () => {
    type(1, { variables: 'mine', headers: 'my token' });
    storeTabs(TODAY, storage, '');
    expect(read().tabs[1]).toMatchObject({ query: PAY.query, variables: 'mine', headers: 'my token' });
  });

  it('then the tab that was open is open, with the same text everywhere', () => {
    type(1, {});
    storeTabs(TODAY, storage, '');
    expect(read().activeTabIndex).toBe(1);
    expect(stored.get('graphiql:query')).toBe(PAY.query);
    expect(stored.get('graphiql:variables')).toBe('order 2');
    expect(stored.get('graphiql:headers')).toBe('token 2');
  });

  it('then the tab of the operation in the address is open, whatever was stored last', () => {
    storeTabs(TODAY, storage, `?query=${encodeURIComponent(PAY.query)}`);
    expect(read().activeTabIndex).toBe(1);
    expect(stored.get('graphiql:variables')).toBe('order 2');
  });
});
