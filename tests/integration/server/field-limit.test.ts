import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type ServerStand } from './server-stand.js';

const MOST = 40;
let stand: ServerStand;
beforeAll(async () => void (stand = await startServer({ GRAPH_MAX_FIELDS: String(MOST) })), 60_000);
afterAll(() => stand.stop(), 30_000);

const repeat = (times: number, part: (i: number) => string) =>
  Array.from({ length: times }, (_, i) => part(i)).join(' ');

/** Fragments that spread smaller ones several times: a few kilobytes that stand for millions of fields. */
const nested = (levels: number) => `{ myOrders(first: 1) { nodes { ...D${levels} } } }
  ${repeat(
    levels - 1,
    (i) => `fragment D${i + 2} on Order { buyer {
    orders(first: 1) { nodes { ...D${i + 1} } edges { node { ...D${i} } } }
    sessionBookings(first: 1) { nodes { order { ...D${i} } } } } }`,
  )}
  fragment D0 on Order { id } fragment D1 on Order { number }`;

const TOO_LARGE: readonly [name: string, query: string][] = [
  ['fields that are written out', `{ ${repeat(MOST + 1, () => '__typename')} }`],
  ['fragments that multiply', nested(18)],
  [
    'fragments of spreads alone',
    `{ ...F0 } ${repeat(200, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)}
    fragment F200 on Query { __typename }`,
  ],
  [
    'fragments in inline fragments',
    `{ ${repeat(MOST + 1, () => '... on Query { ...F }')} } fragment F on Query { __typename }`,
  ],
  ['aliases', `{ ${repeat(MOST + 1, (i) => `a${i}: __typename`)} }`],
  ['a fragment that is not used', `{ __typename } fragment F on Query { ${repeat(MOST + 1, () => '__typename')} }`],
  ['operations that are not asked for', repeat(MOST + 1, (i) => `query Q${i} { __typename }`)],
  ['introspection', `{ __schema { ${repeat(MOST + 1, () => 'types { name }')} } }`],
  ['fields that do not exist', `{ ${repeat(MOST + 1, (i) => `nothing${i}`)} }`],
  ['a mutation', `mutation { ${repeat(MOST + 1, () => '__typename')} }`],
  ['a subscription', `subscription { myOrdersChanged { ${repeat(MOST + 1, () => '__typename')} } }`],
];

describe.each(TOO_LARGE)('given an operation of too many fields: %s', (_name, query) => {
  test.each(['HTTP', 'WebSocket'])('then it is refused over %s, also when it is asked again', async (name) => {
    for (let i = 0; i < 3; i++) {
      const { data, errors } = (await stand.doors.find((door) => door.name === name)?.ask(query)) ?? {};
      expect(data).toBeUndefined();
      expect(errors).toEqual([
        {
          message: expect.stringMatching(/^Fields limit of 40 exceeded, found [\d.e+]+\.$/),
          extensions: { code: 'OPERATION_TOO_COMPLEX' },
        },
      ]);
    }
  });

  test('then it is refused with a status of 400 when it is sent to be kept by its hash, and is not kept', async () => {
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const answer = await stand.post(JSON.stringify({ query, extensions }));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('OPERATION_TOO_COMPLEX');
    expect(await (await stand.post(JSON.stringify({ extensions }))).text()).toContain('PERSISTED_QUERY_NOT_FOUND');
  });
});

test('given an operation of exactly as many fields, then it is answered over both doors', async () => {
  for (const door of stand.doors) {
    expect(await door.ask(`{ ${repeat(MOST, () => '__typename')} }`)).toEqual({ data: { __typename: 'Query' } });
  }
});
