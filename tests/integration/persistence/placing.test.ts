import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openOrderStand, placeFor, type OrderStand } from '../../support/order-stand.js';

let stand: OrderStand;
beforeAll(async () => {
  stand = await openOrderStand();
});
afterAll(() => stand.close());

describe('placing', () => {
  test('works', async () => {
    await placeFor(stand, 'warm', 'x');
    stand.proxy.takeStatements();
    await placeFor(stand, 'asha', 'algebra', 'geometry');
    console.log(stand.proxy.takeStatements(), await stand.counts(), stand.commits);
  });
});
