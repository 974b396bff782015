import type { Environment } from '../../src/commands/environment.js';
import { createPlaceOrder } from '../../src/commands/place-order.js';
import type { Cart } from './carts.js';

/** The service's placing, of a cart. It throws when the order is refused. */
export function placingCommand(env: Environment): (cart: Cart) => Promise<void> {
  const place = createPlaceOrder(env);
  return async ({ buyerId, courses, key }) => {
    const outcome = await place(buyerId, {
      courseIds: courses.map(({ id }) => id),
      couponCode: null,
      idempotencyKey: key,
    });
    if (!('order' in outcome)) throw new Error(`refused: ${outcome.message}`);
  };
}
