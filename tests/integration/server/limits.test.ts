import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import { startServer, type ServerStand } from './server-stand.js';

const LIMITS = {
  GRAPH_MAX_DEPTH: '4',
  GRAPH_MAX_ALIASES: '3',
  GRAPH_MAX_DIRECTIVES: '3',
  GRAPH_MAX_ROOT_FIELDS: '4',
  GRAPH_MAX_TOKENS: '400',
  GRAPH_MAX_COST: '100',
  GRAPH_MAX_REPRESENTATIONS: '5',
};

/** What explorers such as Apollo Sandbox ask for. */
const ALL = {
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
};

let stand: ServerStand;
beforeAll(async () => void (stand = await startServer(LIMITS)), 60_000);
afterAll(() => stand.stop(), 30_000);

const repeat = (count: number, part: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const ORDER = 'order(id: "1")';
const ENTITIES = 'query ($of: [_Any!]!) { _entities(representations: $of) { __typename ... on User { id } } }';
const users = (count: number) => ({ of: Array.from({ length: count }, () => ({ __typename: 'User', id: 'x' })) });

/** Operations of exactly `size`, and how one that is too large is told of. */
const MEASURES: readonly [
  limit: string,
  most: number,
  operation: (size: number) => readonly [query: string, variables?: object],
  found: string,
][] = [
  [
    'depth',
    4,
    (size) => [
      `{ myOrders(first: 2) { nodes ${['{ id }', '{ items { id } }', '{ items { course { id } } }'][size - 3]} } }`,
    ],
    'Query depth limit of 4 exceeded, found 5.',
  ],
  [
    'depth through fragments',
    4,
    (size) => [
      `{ myOrders(first: 2) { ...Page } } fragment Page on OrderConnection { nodes ${size === 4 ? '{ buyer { id } }' : '{ items { course { id } } }'} }`,
    ],
    'Query depth limit of 4 exceeded, found 5.',
  ],
  [
    'aliases',
    3,
    (size) => [`{ ${ORDER} { ${repeat(size, (i) => `a${i}: number`)} } }`],
    'Aliases limit of 3 exceeded, found 4.',
  ],
  [
    'directives',
    3,
    (size) => [
      `{ ${ORDER} { ${repeat(size, (i) => `${['id', 'number', 'status', 'version'][i]} @skip(if: false)`)} } }`,
    ],
    'Directives limit of 3 exceeded, found 4.',
  ],
  [
    'root fields',
    4,
    (size) => [
      `{ ${['__typename', 'order(id: "1") { id }', 'session(id: "1") { id }', 'myWaitlist { id }', 'orderByNumber(number: "1") { id }'].slice(0, size).join(' ')} }`,
    ],
    'Root fields limit of 4 exceeded, found 5.',
  ],
  ['tokens', 400, (size) => [`{ ${repeat(size - 2, () => '__typename')} }`], 'Tokens limit of 400 exceeded.'],
  [
    'cost',
    100,
    (size) => [`{ myOrders(first: ${size - 1}) { nodes { id } } }`],
    'Query cost limit of 100 exceeded, found 101.',
  ],
  [
    'cost by variables',
    100,
    (size) => ['query ($first: Int) { myOrders(first: $first) { nodes { id } } }', { first: size - 1 }],
    'Query cost limit of 100 exceeded, found 101.',
  ],
  ['representations', 5, (size) => [ENTITIES, users(size)], 'Representations limit of 5 exceeded, found 6.'],
];

describe.each(['HTTP', 'WebSocket'] as const)('given a limit, over %s', (name) => {
  const ask = ([query, variables]: readonly [string, object?]) =>
    stand.doors.find((door) => door.name === name)?.ask(query, variables);

  test.each(MEASURES)('%s of %d pass, one more is refused', async (_limit, most, operation, found) => {
    const passed = await ask(operation(most));
    expect((passed?.errors ?? []).filter(({ extensions }) => extensions['code'] === 'OPERATION_TOO_COMPLEX')).toEqual(
      [],
    );
    expect(passed?.data).toBeDefined();
    const refused = await ask(operation(most + 1));
    expect(refused).toMatchObject({ errors: [{ message: found, extensions: { code: 'OPERATION_TOO_COMPLEX' } }] });
    expect(refused).not.toHaveProperty('data');
    expect(refused?.errors).toHaveLength(1);
  });
});

describe('given representations that make no sense', () => {
  test.each([
    ['no __typename', [{ id: 'x' }], 0],
    [
      'the name of no entity',
      [
        { __typename: 'User', id: 'x' },
        { __typename: 'Money', id: 'x' },
      ],
      1,
    ],
    ['no object', ['User'], 0],
    ['no list', { __typename: 'Nothing' }, 0],
  ])('%s, then they are BAD_USER_INPUT', async (_name, of, at) => {
    const [http] = stand.doors;
    expect(await http.ask(ENTITIES, { of })).toMatchObject({
      errors: [
        {
          message: `Representation ${at} is not an object with the __typename of an entity.`,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ],
    });
  });
});

describe('given the limits that are set by default', () => {
  let usual: ServerStand;
  beforeAll(async () => void (usual = await startServer()), 60_000);
  afterAll(() => usual.stop(), 30_000);

  test.each(['HTTP', 'WebSocket'] as const)('introspection passes over %s', async (name) => {
    const answer = await usual.doors.find((door) => door.name === name)?.ask(getIntrospectionQuery(ALL));
    expect(answer?.errors).toBeUndefined();
    expect(answer?.data.__schema.queryType).toMatchObject({ name: 'Query' });
  });

  test.each([
    ['a query parameter', (query: string) => `?query=${query}`],
    ['one behind another question mark', (query: string) => `?x=?&query=${query}`],
    ['one of two', (query: string) => `?query=${query}&query=%7B__typename%7D`],
  ])('nesting is refused in a GET with %s', async (_name, search) => {
    const nested = encodeURIComponent('{a'.repeat(2_000) + '}'.repeat(2_000));
    const headers = { 'apollo-require-preflight': 'true' };
    const answer = await fetch(`${usual.url}${search(nested)}`, { headers });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ message: 'Nesting limit of 100 exceeded.', extensions: { code: 'OPERATION_TOO_COMPLEX' } }],
    });
  });

  test('an answer to 500 representations comes, to 501 not', async () => {
    const [http] = usual.doors;
    expect((await http.ask(ENTITIES, users(500))).data._entities).toHaveLength(500);
    expect((await http.ask(ENTITIES, users(501))).errors?.[0]?.message).toBe(
      'Representations limit of 500 exceeded, found 501.',
    );
  });
});
