import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ordersSubgraph } from '../../../src/resolvers/index.js';
import type { Answer } from '../support/graph.js';
import { questionsOf, type Question } from './authorization-operations.js';
import { openAuthorizationStand, userIds, type AuthorizationStand } from './authorization-stand.js';
import { CALLERS, readTable, type Caller } from './authorization-table.js';

const { schema } = ordersSubgraph();
const table = readTable();
const names = questionsOf(schema, {}).map(({ name }) => name);

let stand: AuthorizationStand;
beforeAll(async () => void (stand = await openAuthorizationStand()), 90_000);
afterAll(() => stand.stop(), 30_000);

/** What came of a question, in one word of the table. */
function outcomeOf({ data, errors = [] }: Answer, { name, kind, field, entity }: Question): string {
  const [error] = errors;
  if (error) return String(error.extensions.code);
  if (kind !== 'entity') return wordFor(data[field], kind);
  const [found] = data._entities;
  if (found === null) return 'hidden';
  if (name === 'OrderEvent.by') return found.timeline.some(({ by }: { by: unknown }) => by) ? 'shown' : 'null';
  // Fields of an order and of a booking may be null by nature.
  return entity === 'Order' || entity === 'SessionBooking' ? 'shown' : wordFor(found[field], kind);
}

function wordFor(value: { __typename?: string } | null, kind: Question['kind']): string {
  if (value === null) return 'null';
  return kind === 'mutation' ? String(value.__typename) : 'shown';
}

/** Whoever is named in an answer as its owner. */
function ownersIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    ['buyerId', 'attendeeId'].includes(key) ? [String(inner)] : ownersIn(inner),
  );
}

async function ask(name: string, caller: Caller): Promise<string> {
  const question = questionsOf(schema, stand.argumentsOf(caller)).find((one) => one.name === name);
  if (!question) throw new Error(`no question ${name}`);
  const answer = await stand.ask(caller, question);
  if (caller !== 'operator')
    expect([userIds[caller]]).toEqual(expect.arrayContaining([...new Set(ownersIn(answer.data))]));
  return outcomeOf(answer, question);
}

const cases = [...table].flatMap(([name, row]) => CALLERS.map((caller) => [name, caller, row[caller]] as const));
const changes = (word: string) => word.endsWith('Success');

it('the table has a row for every operation, entity and field, and no other', () => {
  expect([...table.keys()].sort()).toEqual([...names].sort());
});

describe('given what must not change anything, then no row comes or goes', () => {
  it.each(cases.filter(([, , word]) => !changes(word)))('%s, asked by %s: %s', async (name, caller, word) => {
    const before = await stand.rowCounts();
    expect(await ask(name, caller)).toBe(word);
    expect(await stand.rowCounts()).toEqual(before);
  });
});

describe('given what is allowed, then it is done', () => {
  it.each(cases.filter(([, , word]) => changes(word)))('%s, asked by %s: %s', async (name, caller, word) => {
    expect(await ask(name, caller)).toBe(word);
  });
});
