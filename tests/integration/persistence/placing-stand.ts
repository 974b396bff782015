import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { PlaceOrderInput } from '../../../src/commands/place-order.js';
import type { Order } from '../../../src/entities/order.js';
import { idOf } from '../../support/ids.js';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';

/** A cart with what a test changes of the call. */
export const input = (courseIds: readonly string[], changes: Partial<PlaceOrderInput> = {}): PlaceOrderInput => ({
  courseIds,
  couponCode: null,
  idempotencyKey: null,
  ...changes,
});

/** Opens an order stand for the tests of a file, with at most three courses in a cart; each test begins with nothing noted. */
export function placingStand() {
  let opened: OrderStand | undefined;
  let buyers = 0;
  const stand = (): OrderStand => {
    if (!opened) throw new Error('the stand is not open yet');
    return opened;
  };
  beforeAll(async () => {
    opened = await openOrderStand({ CART_LIMIT: '3' });
    await placeFor(opened, 'the connection is made', 'algebra');
  });
  afterAll(() => opened?.close());
  beforeEach(() => {
    stand().proxy.takeStatements();
    stand().commits.splice(0);
  });
  return {
    stand,
    newBuyer: () => idOf(`buyer ${buyers++}`),
    place: (buyer: string, courseIds: readonly string[], changes: Partial<PlaceOrderInput> = {}) =>
      stand().placeOrder(buyer, input(courseIds, changes)),
  };
}

/** The order of an outcome. @throws Error for a refusal */
export function orderOf(outcome: Awaited<ReturnType<OrderStand['placeOrder']>>): Order {
  if ('order' in outcome) return outcome.order;
  throw new Error(`refused: ${outcome.message}`);
}
