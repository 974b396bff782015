import { beforeEach, describe, expect, test } from '@jest/globals';
import { createPaymentSaga } from '../../../src/saga/payment.js';
import { idOf } from '../../support/ids.js';

import { paymentSaga } from './payment-saga.js';

const at = paymentSaga();
const { load, placeAnother, runAfter, sagas, tell, attempt } = at;

describe('money that came on a closed order', () => {
  beforeEach(async () => {
    await tell('failed', 'first');
    await tell('succeeded', 'first');
    expect(await attempt('first')).toMatchObject({ capture: 'UNDECIDED' });
  });

  const refunds = () =>
    at.stand.sql('select status, reason, amount_minor from order_refunds where order_id = $1', [at.order.id]);

  test('delivers the order after all, when everything is still to be had', async () => {
    await runAfter(0);
    const after = await load();
    expect([after.status, after.fulfilment, after.claims.length]).toEqual(['SUCCEEDED', 'IN_PROGRESS', 1]);
    expect([(await attempt('first')).capture, await refunds(), await sagas()]).toEqual(['ACCEPTED', [], []]);
    const topics = await at.stand.sql(`select topic from outbox where aggregate_id = $1 and topic like '%succeeded%'`, [
      at.order.id,
    ]);
    expect(topics).toHaveLength(1);
  });

  test.each([
    [
      'the buyer has the course',
      () => at.stand.neighbours.enrol(idOf('algebra'), at.order.buyerId),
      'ALREADY_ENROLLED',
    ],
    [
      'a course is no longer for sale',
      () => at.stand.neighbours.addCourse('algebra', { published: false }),
      'LATE_PAYMENT',
    ],
    ['a course is gone', () => at.stand.neighbours.catalogue.delete(idOf('algebra')), 'LATE_PAYMENT'],
  ])('goes back when %s', async (_, change, reason) => {
    change();
    await runAfter(0);
    at.stand.neighbours.addCourse('algebra');
    expect(await load()).toMatchObject({ status: 'FAILED', capturedMinor: 49_900n });
    expect([(await attempt('first')).capture, await refunds(), await sagas()]).toEqual([
      'RETURNED',
      [{ status: 'APPROVED', reason, amount_minor: '49900' }],
      [],
    ]);
    const asked = await at.stand.sql(
      `select 1 from outbox where aggregate_id = $1 and topic = 'payment.refund.requested.v1'`,
      [at.order.id],
    );
    expect(asked).toHaveLength(1);
  });

  test('supersedes another open order of the same course', async () => {
    const newer = await placeAnother('algebra', 'geometry');
    await runAfter(0);
    expect((await load()).status).toBe('SUCCEEDED');
    expect(await at.stand.load(newer.id)).toMatchObject({ status: 'CANCELLED', statusReason: 'SUPERSEDED' });
    expect((await at.stand.load(newer.id)).claims).toHaveLength(0);
  });

  test('goes back when another order of the course was paid', async () => {
    const newer = await placeAnother('algebra');
    await tell('succeeded', 'first', newer);
    await runAfter(0);
    expect([(await load()).status, (await refunds()).length]).toEqual(['FAILED', 1]);
    expect((await at.stand.load(newer.id)).status).toBe('SUCCEEDED');
  });

  test('waits while a neighbour does not answer', async () => {
    at.stand.neighbours.down.add('course');
    await runAfter(0);
    expect([(await attempt('first')).capture, await sagas()]).toMatchObject([
      'UNDECIDED',
      [{ step: 'DECIDE_LATE_MONEY', failures: 1 }],
    ]);
    at.stand.neighbours.down.clear();
    await runAfter(1);
    expect([(await load()).status, await sagas()]).toEqual(['SUCCEEDED', []]);
  });

  test('two runners decide at once: once', async () => {
    const other = await at.stand.newProcess();
    await at.stand.sql(`update sagas set lease_until = null`);
    const second = createPaymentSaga(other.env);
    const fixed = { id: idOf('zombie'), step: 'DECIDE_LATE_MONEY', bookingId: null, attempts: 0, failures: 0 };
    const task = { ...fixed, orderId: at.order.id };
    await Promise.all([
      runAfter(0),
      second({ ...task, subjectId: (await attempt('first')).id, createdAt: at.stand.clock.now() }),
    ]);
    const after = await load();
    expect([after.status, after.version, after.claims.length]).toEqual(['SUCCEEDED', 5, 1]);
  });
});
