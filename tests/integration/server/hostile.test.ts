import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { ordersSubgraph } from '../../../src/resolvers/index.js';
import { EXPECTED_CODES } from '../../../src/server/error-format.js';
import { idOf } from '../../support/ids.js';
import { hostileOperations, type Hostile } from './hostile-operations.js';
import { startServer, type GraphAnswer, type ServerStand } from './server-stand.js';

const OPERATIONS = process.env.FULL ? 10_000 : 1_000;
const LIMIT_MS = 600_000;

let stand: ServerStand;
let tokens: (string | undefined)[];
const defects: string[] = [];

beforeAll(async () => {
  const log = pino({ level: 'error' }, { write: (line: string) => void defects.push(line) });
  stand = await startServer({ RATE_LIMIT: 'off' }, log);
  tokens = [undefined, await stand.tokenOf(idOf('asha')), await stand.tokenOf(idOf('admin'), ['admin'])];
}, 60_000);
afterAll(() => stand.stop(), 30_000);

/** Fails with what is wrong about an answer. */
function check({ data, errors }: GraphAnswer): void {
  if (data === undefined && errors === undefined) throw new Error('an answer with neither data nor errors');
  const unknown = (errors ?? []).filter(({ extensions }) => !EXPECTED_CODES.has(String(extensions?.['code'])));
  expect(unknown).toEqual([]);
  expect(defects.splice(0)).toEqual([]);
}

describe.each(['HTTP', 'WebSocket'] as const)('given hostile operations over %s', (name) => {
  const door = () => (name === 'HTTP' ? stand.doors[0] : stand.doors[1]);
  const { schema } = ordersSubgraph();

  test(
    'then every answer has a known code, nothing fails unexpectedly, and the process answers afterwards',
    async () => {
      let asked = 0;
      const ask = async ({ query, variables }: Hostile, token: string | undefined) => {
        asked++;
        check(await door().ask(query, variables, token));
      };
      await fc.assert(
        fc.asyncProperty(hostileOperations(schema), fc.nat(2), (operation, who) => ask(operation, tokens[who])),
        { numRuns: OPERATIONS / 2 },
      );
      expect(asked).toBe(OPERATIONS / 2);
      expect(await door().ask('{ __typename }')).toEqual({ data: { __typename: 'Query' } });
    },
    LIMIT_MS,
  );
});

describe('given queries that are asked again over HTTP', () => {
  const { schema } = ordersSubgraph();

  test(
    'then their compiled form answers what was answered before it',
    async () => {
      let answered = 0;
      const queries = hostileOperations(schema).filter(({ query }) => query.startsWith('query'));
      const ask = async ({ query, variables }: Hostile, token: string | undefined) => {
        const { data, errors } = await stand.doors[0].ask(query, variables, token);
        return { data, errors: errors?.map(({ message, path }) => ({ message, path })).sort(byPath) };
      };
      await fc.assert(
        fc.asyncProperty(queries, fc.nat(2), async (query, who) => {
          const first = await ask(query, tokens[who]);
          if (first.data) answered++;
          expect([await ask(query, tokens[who]), await ask(query, tokens[who])]).toEqual([first, first]);
        }),
        { numRuns: OPERATIONS / 4 },
      );
      expect(answered).toBeGreaterThan(OPERATIONS / 40);
      defects.splice(0);
    },
    LIMIT_MS,
  );
});

/** Fields of one object are resolved in no order that matters. */
const byPath = (a: { readonly path?: unknown }, b: { readonly path?: unknown }) =>
  JSON.stringify(a.path ?? []).localeCompare(JSON.stringify(b.path ?? []));
