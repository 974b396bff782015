import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generatedStudentIds } from '../../dev/sample/generated-sample.js';
import { signToken } from '../../dev/sample/sign-token.js';
import { LAPTOP_JWT_SECRET } from '../../src/config.js';
import { startProduct, type Product } from './support/product.js';
import { people, PLACE } from './support/purchase-steps.js';

const COURSES = ['8d116ece-1738-47d9-bd9c-172411e20b8f', '90c192cf-d3ac-44af-8f21-ddb66cad4a26'];
const USERS = 50;
let product: Product;

beforeAll(async () => {
  product = await startProduct({ SAMPLE_STUDENTS: String(USERS) });
  await Promise.all(
    generatedStudentIds(USERS).map(async (id) => (await product.as(id)).ask(PLACE, { input: { courseIds: COURSES } })),
  );
}, 60_000);
afterAll(() => product.stop(), 30_000);

const BACKGROUND =
  /relay_leases|from outbox|sagas|outbox using|clock_timestamp|from idempotency where created_at|expires_at <=|update session_seats set check_at|select 1\b|from migrations/;

/** Statements of one request, without those of the background loops and without begin and commit, which those have too. */
const ofRequest = () =>
  product.takeStatements().filter((sql) => !BACKGROUND.test(sql) && !/^\[query\] (?:begin|commit)\b/.test(sql));

const orders = (token: string, ids: readonly string[], selection: string) =>
  fetch(`http://127.0.0.1:${product.laptop.config.HTTP_PORT}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: `query ($refs: [_Any!]!) { _entities(representations: $refs) { ... on User { id orders(first: 5) { nodes { ${selection} } } } } }`,
      variables: { refs: ids.map((id) => ({ __typename: 'User', id })) },
    }),
  }).then(
    (answer) =>
      answer.json() as Promise<{ data: { _entities: { id: string; orders: { nodes: { items?: unknown[] }[] } }[] } }>,
  );

describe('given orders of 50 users', () => {
  it('when the router asks for them by _entities, then one statement reads orders and all their parts', async () => {
    const token = await signToken({
      userId: people.admin,
      roles: ['admin'],
      ttlSeconds: 600,
      secret: LAPTOP_JWT_SECRET,
    });
    const ids = generatedStudentIds(USERS);
    product.takeStatements();
    const { data } = await orders(
      token,
      ids,
      'id number status total { amount } items { title price { amount } } payments { id } timeline { type }',
    );
    const statements = ofRequest();
    expect(data._entities.map(({ id }) => id)).toEqual(ids);
    expect(
      data._entities.every((user) => user.orders.nodes.length === 1 && user.orders.nodes[0]?.items?.length === 2),
    ).toBe(true);
    expect(statements).toHaveLength(1);
  });

  it('when only the orders are asked for, then one statement answers', async () => {
    const token = await signToken({
      userId: people.admin,
      roles: ['admin'],
      ttlSeconds: 600,
      secret: LAPTOP_JWT_SECRET,
    });
    product.takeStatements();
    await orders(token, generatedStudentIds(USERS), 'id number');
    expect(ofRequest()).toHaveLength(1);
  });
});

describe('given a placement', () => {
  it('when it has a key, then one read looks the key up and one message writes everything', async () => {
    const asha = await product.as(people.asha);
    product.takeStatements();
    await asha.ask(PLACE, { input: { courseIds: COURSES, idempotencyKey: 'count-1' } });
    const statements = ofRequest().map((sql) => sql.replace(/^\[query\] /, '').split(' (')[0]);
    // BEGIN and the inserts are held back and travel with COMMIT: tests/integration/persistence counts the message.
    expect(statements.slice(1).sort()).toEqual(
      [
        'insert into "idempotency"',
        'insert into "order_claims"',
        'insert into "order_events"',
        'insert into "order_items"',
        'insert into "orders"',
        'insert into "outbox"',
      ].sort(),
    );
    expect(statements[0]).toMatch(/^select .* from "idempotency"/);
  });
});
