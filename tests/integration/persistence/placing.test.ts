import { describe, expect, test } from '@jest/globals';
import { createPlaceOrder } from '../../../src/commands/place-order.js';
import { orderNumber } from '../../../src/entities/order-number.js';
import { idOf } from '../../support/ids.js';
import { cartOf } from '../../support/order-stand.js';
import { MINUTE } from '../../support/test-clock.js';
import { input, orderOf, placingStand } from './placing-stand.js';

const { newBuyer, place, stand } = placingStand();

describe('the same key in two processes', () => {
  test('when the first order is placed and delivered while the second asks, then the second is answered with it', async () => {
    const [buyer, courseIds] = [newBuyer(), cartOf(stand(), 'music')];
    const wanted = input(courseIds, { idempotencyKey: 'k2' });
    const { env } = await stand().newProcess();
    const { users, courses } = stand().neighbours;
    const isEnrolled = async () => {
      await stand().placeOrder(buyer, wanted);
      return true;
    };
    const late = createPlaceOrder({
      ...env,
      neighbours: { ...env.neighbours, users, courses: { ...courses, isEnrolled } },
    });
    const outcome = await late(buyer, wanted);
    expect(outcome).toMatchObject({ replayed: true, order: { buyerId: buyer } });
    expect(await stand().sql('select 1 from orders where buyer_id = $1', [buyer])).toHaveLength(1);
  });
});

describe('an order that is placed', () => {
  test('leaves exactly these rows, and one listener hears of it', async () => {
    const before = await stand().counts();
    const buyer = newBuyer();
    const order = orderOf(await place(buyer, cartOf(stand(), 'algebra', 'geometry'), { idempotencyKey: 'k1' }));
    const after = await stand().counts();
    expect(after).toEqual({
      ...before,
      orders: before.orders + 1,
      order_items: before.order_items + 2,
      order_claims: before.order_claims + 2,
      order_events: before.order_events + 1,
      outbox: before.outbox + 1,
      idempotency: before.idempotency + 1,
    });
    expect(stand().commits).toEqual([{ id: order.id, buyerId: buyer, version: 1 }]);
  });

  test('answers what is stored', async () => {
    const order = orderOf(await place(newBuyer(), cartOf(stand(), 'algebra')));
    expect(order).toMatchObject({ status: 'PENDING_PAYMENT', totalMinor: 49_900n, number: orderNumber(order.id) });
    expect(order.expiresAt).toEqual(new Date(stand().clock.now().getTime() + 30 * MINUTE));
    const { itemRows, attempts, claims, ...columns } = await stand().load(order.id);
    expect({ ...order }).toEqual(columns);
    expect([itemRows.length, attempts.length, claims.length]).toEqual([1, 0, 1]);
  });

  test('takes course ids in any case', async () => {
    const ids = cartOf(stand(), 'algebra', 'geometry');
    const order = orderOf(
      await place(
        newBuyer(),
        ids.map((id) => id.toUpperCase()),
      ),
    );
    expect((await stand().load(order.id)).currentItems.map(({ productId }) => productId)).toEqual(ids);
  });
});

describe('messages to the database', () => {
  test('placing is one', async () => {
    await place(newBuyer(), cartOf(stand(), 'algebra', 'geometry'));
    expect(stand().proxy.takeStatements()).toHaveLength(1);
  });

  test('with an idempotency key one more, which looks the key up', async () => {
    await place(newBuyer(), cartOf(stand(), 'algebra'), { idempotencyKey: 'k' });
    const [lookUp, write, ...others] = stand().proxy.takeStatements();
    expect(lookUp).toMatch(/^select .* from "idempotency"/);
    expect(write).toMatch(/insert into "idempotency"/);
    expect(others).toEqual([]);
  });

  test('sixteen placings at once are two', async () => {
    const cart = cartOf(stand(), 'algebra');
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => place(newBuyer(), cart)));
    expect(new Set(outcomes.map((outcome) => orderOf(outcome).id)).size).toBe(16);
    expect(stand().proxy.takeStatements()).toHaveLength(2);
  });
});

describe('a number that another order has', () => {
  test('is replaced by the next one of the same id', async () => {
    const next = idOf('the next id');
    const other = await stand().newProcess({ newId: sequence([next, idOf('its item')]) });
    const holder = orderOf(await place(newBuyer(), cartOf(stand(), 'algebra')));
    await stand().sql('update orders set number = $2 where id = $1', [holder.id, orderNumber(next)]);
    const outcome = await other.placeOrder(newBuyer(), input(cartOf(stand(), 'algebra')));
    expect(outcome).toMatchObject({ order: { id: next, number: orderNumber(next, 1) } });
  });
});

const sequence = (ids: string[]) => () => ids.shift() ?? 'no id left';
