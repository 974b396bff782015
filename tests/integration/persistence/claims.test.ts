import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PlaceOrderOutcome } from '../../../src/commands/place-order.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { idOf } from '../../support/ids.js';
import { cartOf, openOrderStand, placeFor, type OrderStand, type TestProcess } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

const place = (process: TestProcess, buyer: string, ...courses: readonly string[]) =>
  process.placeOrder(idOf(buyer), { courseIds: cartOf(stand, ...courses), couponCode: null, idempotencyKey: null });

/** Lets a payment of an order end. */
const tell = (orderId: string, kind: PaymentFactKind) =>
  changeOrder(stand.fork, orderId, ['attempts', 'itemRows', 'claims'], (order) =>
    recordPayment(order, paymentFact(kind, `payment of ${orderId}`, minutes(1)), minutes(1), TIMES),
  );

const orderIdOf = (outcome: PlaceOrderOutcome) => ('order' in outcome ? outcome.order.id : undefined);
const codeOf = (outcome: PlaceOrderOutcome) => ('code' in outcome ? outcome.code : 'PLACED');

describe('a product is in one order of a buyer', () => {
  test('two placements race for it: one order, the other answers that it exists', async () => {
    const other = await stand.newProcess();
    for (let round = 0; round < 20; round++) {
      const buyer = `racer ${round}`;
      const outcomes = await Promise.all([place(stand, buyer, 'algebra'), place(other, buyer, 'algebra')]);
      expect(outcomes.map(codeOf).sort()).toEqual(['OPEN_ORDER_EXISTS', 'PLACED']);
      const winner = outcomes.map(orderIdOf).find(Boolean);
      const loser = outcomes.find((outcome) => codeOf(outcome) !== 'PLACED');
      expect(loser).toMatchObject({
        courseIds: [idOf('algebra')],
        orders: [{ id: winner, status: 'PENDING_PAYMENT' }],
      });
    }
  });

  test('ten in one group: the same, and a stranger’s placement in the group is untouched', async () => {
    const all = [
      ...Array.from({ length: 9 }, () => place(stand, 'greedy', 'algebra')),
      place(stand, 'stranger', 'algebra'),
    ];
    const codes = (await Promise.all(all)).map(codeOf);
    expect(codes.filter((code) => code === 'PLACED')).toHaveLength(2);
    expect(codes.filter((code) => code === 'OPEN_ORDER_EXISTS')).toHaveLength(8);
    expect(codes[9]).toBe('PLACED');
  });

  test('two carts that share a course: which courses, and every order that holds one', async () => {
    const one = await placeFor(stand, 'asha', 'algebra');
    const two = await placeFor(stand, 'asha', 'geometry');
    const outcome = await place(stand, 'asha', 'history', 'geometry', 'algebra');
    expect(outcome).toMatchObject({ code: 'OPEN_ORDER_EXISTS' });
    const { courseIds, orders } = outcome as unknown as { courseIds: string[]; orders: { id: string }[] };
    expect([...courseIds].sort()).toEqual([idOf('algebra'), idOf('geometry')].sort());
    expect(orders.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
  });

  test('carts in opposite orders at once never deadlock', async () => {
    const other = await stand.newProcess();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.all([
        place(stand, `crossing ${round}`, ...names),
        place(other, `crossing ${round}`, ...names.toReversed()),
      ]);
      expect(outcomes.map(codeOf).sort()).toEqual(['OPEN_ORDER_EXISTS', 'PLACED']);
    }
  });

  test('of another buyer it is another product', async () => {
    await placeFor(stand, 'first', 'algebra');
    expect(codeOf(await place(stand, 'second', 'algebra'))).toBe('PLACED');
  });
});

describe('when its order', () => {
  test('has failed, the product may be ordered again', async () => {
    const order = await placeFor(stand, 'failing', 'algebra');
    await tell(order.id, 'failed');
    expect(codeOf(await place(stand, 'failing', 'algebra'))).toBe('PLACED');
  });

  test('is being paid, it is in an open order', async () => {
    const order = await placeFor(stand, 'paying', 'algebra');
    await tell(order.id, 'initiated');
    expect(await place(stand, 'paying', 'algebra')).toMatchObject({
      code: 'OPEN_ORDER_EXISTS',
      orders: [{ id: order.id, status: 'PROCESSING' }],
    });
  });

  test('is paid, the buyer has it, though the course service does not say so yet', async () => {
    const order = await placeFor(stand, 'owner', 'algebra', 'geometry');
    await tell(order.id, 'succeeded');
    const before = await stand.counts();
    expect(await place(stand, 'owner', 'geometry', 'history')).toMatchObject({
      code: 'ALREADY_ENROLLED',
      courseIds: [idOf('geometry')],
    });
    expect(await stand.counts()).toEqual(before);
  });
});
