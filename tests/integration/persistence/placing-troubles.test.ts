import { afterEach, describe, expect, test } from '@jest/globals';
import { cartOf } from '../../support/order-stand.js';
import { orderOf, placingStand } from './placing-stand.js';

const { newBuyer, place, stand } = placingStand();

describe('a COMMIT whose answer is lost', () => {
  test('every placement of the group is found by its id and answered, once', async () => {
    const cart = cartOf(stand(), 'algebra');
    const buyersOfGroup = Array.from({ length: 5 }, newBuyer);
    stand().proxy.loseAnswerOf((sql) => sql.includes('insert into "orders"'));
    const outcomes = await Promise.all(buyersOfGroup.map((buyer) => place(buyer, cart)));
    expect(outcomes.map((outcome) => orderOf(outcome).buyerId)).toEqual(buyersOfGroup);
    const rows = await stand().sql('select id from orders where buyer_id = any($1)', [buyersOfGroup]);
    expect(rows).toHaveLength(5);
  });

  test('a repeat under the same key answers the same order, marked as replayed', async () => {
    const buyer = newBuyer();
    stand().proxy.loseAnswerOf((sql) => sql.includes('insert into "orders"'));
    const first = await place(buyer, cartOf(stand(), 'algebra'), { idempotencyKey: 'k' });
    const second = await place(buyer, cartOf(stand(), 'algebra'), { idempotencyKey: 'k' });
    expect(second).toEqual({ order: orderOf(first), replayed: true });
  });
});

describe('while the database is away', () => {
  afterEach(() => stand().proxy.resume());

  test.each([
    ['with a key', 'away'],
    ['without one', null],
  ])('a placement %s is answered as such, and works with the same key later', async (_, idempotencyKey) => {
    const [buyer, cart] = [newBuyer(), cartOf(stand(), 'algebra')];
    stand().proxy.stop();
    expect(await place(buyer, cart, { idempotencyKey })).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      service: 'order',
    });
    stand().proxy.resume();
    expect(orderOf(await place(buyer, cart, { idempotencyKey })).status).toBe('PENDING_PAYMENT');
    expect(await stand().sql('select 1 from orders where buyer_id = $1', [buyer])).toHaveLength(1);
  });
});
