import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { PlaceOrderInput } from '../../../src/commands/place-order.js';
import type { Order } from '../../../src/entities/order.js';
import { idOf } from '../../support/ids.js';
import { cartOf, openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';

let stand: OrderStand;
let buyers = 0;
beforeAll(async () => {
  stand = await openOrderStand({ CART_LIMIT: '3' });
  await placeFor(stand, 'the connection is made', 'algebra');
});
afterAll(() => stand.close());
beforeEach(() => {
  stand.proxy.takeStatements();
  stand.commits.splice(0);
});

const newBuyer = () => idOf(`buyer ${buyers++}`);
const input = (courseIds: readonly string[], changes: Partial<PlaceOrderInput> = {}): PlaceOrderInput => ({
  courseIds,
  couponCode: null,
  idempotencyKey: null,
  ...changes,
});
const place = (buyer: string, courseIds: readonly string[], changes: Partial<PlaceOrderInput> = {}) =>
  stand.placeOrder(buyer, input(courseIds, changes));

function orderOf(outcome: Awaited<ReturnType<typeof place>>): Order {
  if ('order' in outcome) return outcome.order;
  throw new Error(`refused: ${outcome.message}`);
}

describe('a COMMIT whose answer is lost', () => {
  test('every placement of the group is found by its id and answered, once', async () => {
    const cart = cartOf(stand, 'algebra');
    const buyersOfGroup = Array.from({ length: 5 }, newBuyer);
    stand.proxy.loseAnswerOf((sql) => sql.includes('insert into "orders"'));
    const outcomes = await Promise.all(buyersOfGroup.map((buyer) => place(buyer, cart)));
    expect(outcomes.map((outcome) => orderOf(outcome).buyerId)).toEqual(buyersOfGroup);
    const rows = await stand.sql('select id from orders where buyer_id = any($1)', [buyersOfGroup]);
    expect(rows).toHaveLength(5);
  });

  test('a repeat under the same key answers the same order, marked as replayed', async () => {
    const buyer = newBuyer();
    stand.proxy.loseAnswerOf((sql) => sql.includes('insert into "orders"'));
    const first = await place(buyer, cartOf(stand, 'algebra'), { idempotencyKey: 'k' });
    const second = await place(buyer, cartOf(stand, 'algebra'), { idempotencyKey: 'k' });
    expect(second).toEqual({ order: orderOf(first), replayed: true });
  });
});

describe('while the database is away', () => {
  afterEach(() => stand.proxy.resume());

  test.each([
    ['with a key', 'away'],
    ['without one', null],
  ])('a placement %s is answered as such, and works with the same key later', async (_, idempotencyKey) => {
    const [buyer, cart] = [newBuyer(), cartOf(stand, 'algebra')];
    stand.proxy.stop();
    expect(await place(buyer, cart, { idempotencyKey })).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      service: 'order',
    });
    stand.proxy.resume();
    expect(orderOf(await place(buyer, cart, { idempotencyKey })).status).toBe('PENDING_PAYMENT');
    expect(await stand.sql('select 1 from orders where buyer_id = $1', [buyer])).toHaveLength(1);
  });
});
