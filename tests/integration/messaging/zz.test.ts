import { test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { changeOrder } from '../../../src/persistence/change-order.js';
import { openOrderStand, placeFor } from '../../support/order-stand.js';
import { paymentFact, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';
test('x', async () => {
  const stand = await openOrderStand();
  const other = await stand.newProcess();
  let errs: string[] = [];
  const t = Date.now();
  for (let i = 0; i < 60; i++) {
    const o = await placeFor(stand, `b${i}`, 'algebra');
    await Promise.allSettled([
      changeOrder(stand.fork, o.id, ['attempts', 'itemRows', 'claims'], (one) => void recordPayment(one, paymentFact('initiated', 'c' + i, minutes(1)), minutes(1), TIMES)).catch((e) => errs.push('c ' + e.code)),
      (async () => { for (let k = 0; k < i % 6; k++) await new Promise(setImmediate);
      await recordPayments(other.env, [{ orderId: o.id, fact: paymentFact('initiated', 'm' + i, minutes(1)), inbox: { topic: 't', eventKey: 'k' + i } }]).catch((e) => errs.push('m ' + e.code)); })(),
    ]);
  }
  console.log(Date.now() - t, errs, await stand.sql('select deadlocks from pg_stat_database where datname = current_database()'));
  await stand.close();
}, 100000);
