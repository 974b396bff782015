import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { startProduct, type Product } from './support/product.js';
import { people, placeAndStart, SHOW, untilOrder } from './support/purchase-steps.js';

const COURSE = '8d116ece-1738-47d9-bd9c-172411e20b8f';
const STUCK = '{ stuckSagas { nodes { id kind lastError order { id fulfilment } } } }';
const RETRY = `mutation ($input: RetrySagaInput!) { retrySaga(input: $input) { __typename } }`;

let product: Product;

beforeAll(async () => {
  // Waits of a few hundred milliseconds instead of minutes.
  product = await startProduct({ FULFILMENT_RETRY_MINUTES: '0.004,0.006,0.008' });
}, 60_000);
afterAll(() => product.stop(), 30_000);

const announced = (orderId: string) =>
  product.sql<{ value: string }>(
    `select value from bus.messages where topic = 'order.course.succeeded.v1' and key = $1`,
    [orderId],
  );

describe('given a course service that forgets to enrol', () => {
  it('when it goes on forgetting, then the order is announced anew, then stuck; an operator’s retry delivers it', async () => {
    const [asha, admin] = [await product.as(people.asha), await product.as(people.admin, { roles: ['admin'] })];
    product.neighbours.course.enrolments.fail = true;
    const { orderId, session } = await placeAndStart(asha, [COURSE]);
    await product.press('approve', session);
    await untilOrder(asha, orderId, 'SUCCEEDED', 'STUCK');

    const messages = await announced(orderId);
    expect(messages).toHaveLength(4);
    expect(new Set(messages.map(({ value }) => JSON.parse(value).eventId)).size).toBe(4);
    const { nodes } = (await admin.ask(STUCK)).data.stuckSagas;
    expect(nodes).toEqual([
      {
        id: expect.any(String),
        kind: 'PURCHASE',
        lastError: `not enrolled: ${COURSE}`,
        order: { id: orderId, fulfilment: 'STUCK' },
      },
    ]);

    product.neighbours.course.enrolments.fail = false;
    await admin.ask(RETRY, { input: { sagaId: nodes[0].id } });
    const order = await untilOrder(asha, orderId, 'SUCCEEDED', 'FULFILLED');
    const types = order.timeline.map(({ type }: { type: string }) => type);
    expect(types.slice(-4)).toEqual(['FULFILMENT_STUCK', 'SAGA_RETRIED', 'ITEM_FULFILLED', 'FULFILLED']);
    await eventually(
      () => product.sql('select 1 from sagas where order_id = $1', [orderId]),
      (rows) => rows.length === 0,
    );
  });

  it('when it enrols but the confirmation is lost, then asking it is enough', async () => {
    const ben = await product.as(people.ben);
    product.neighbours.course.enrolments.fail = true;
    const { orderId, session } = await placeAndStart(ben, [COURSE]);
    await product.press('approve', session);
    await eventually(
      () => announced(orderId),
      (rows) => rows.length >= 1,
    );
    await product.sql(
      `insert into neighbours.enrolments (id, course_id, student_id, order_id) values (gen_random_uuid(), $1, $2, $3)`,
      [COURSE, people.ben, orderId],
    );
    await untilOrder(ben, orderId, 'SUCCEEDED', 'FULFILLED');
    expect((await ben.ask(SHOW, { id: orderId })).data.order.items[0].fulfilment).toBe('FULFILLED');
    product.neighbours.course.enrolments.fail = false;
  });
});
