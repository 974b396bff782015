import { beforeEach, describe, expect, test } from '@jest/globals';
import { createSettleRefund } from '../../../src/commands/decide-refund.js';
import { createRetrySaga } from '../../../src/commands/retry-saga.js';
import { present } from '../../support/present.js';
import { OPERATOR, PRICE, refundStand } from './refund-stand.js';

const at = refundStand();
const { asked, load, pay, paymentOf, refunded, refunds, runAfter, sagas, tell } = at;

describe('money that is one too many', () => {
  beforeEach(() => pay('second'));

  test('which the payment service cannot give back: stuck, and a retry approves and asks anew', async () => {
    const { id: refundId } = present((await refunds())[0]);
    expect(await asked()).toHaveLength(1);
    await tell({ refundId, paymentId: paymentOf('second'), succeeded: false });
    await runAfter(0);
    const stuck = present((await sagas()).find(({ kind }) => kind === 'REFUND'));
    expect(stuck).toMatchObject({ step: 'RETURN_FAILED', last_error: 'the payment service could not give it back' });
    await createRetrySaga(at.stand.env)(OPERATOR, stuck.id);
    await runAfter(0);
    expect(await refunds()).toMatchObject([
      { status: 'APPROVED', reason: 'DUPLICATE_PAYMENT', amount_minor: String(2n * PRICE) },
    ]);
    expect(await asked()).toHaveLength(2);
    expect(await tell({ refundId, paymentId: paymentOf('second') })).toBe('applied');
    expect((await sagas()).map(({ kind }) => kind)).toEqual(['PURCHASE']);
    const after = await load();
    expect([after.status, after.capturedMinor, after.refundedMinor]).toEqual(['SUCCEEDED', 4n * PRICE, 2n * PRICE]);
  });
});

describe('what was not delivered', () => {
  const stick = async () => {
    for (const minutes of [0, 1, 5, 15, 15]) await runAfter(minutes);
    expect((await load()).fulfilment).toBe('STUCK');
  };
  const enrol = (n: number) => at.stand.neighbours.enrol(present(at.items[n]).productId, at.order.buyerId);

  test('is given back as NOT_FULFILLED, asked of the payment service when the course service still knows of no enrolment', async () => {
    await stick();
    expect(await refunded('operator')).toMatchObject({ status: 'APPROVED', reason: 'NOT_FULFILLED' });
    expect(await asked()).toEqual([]);
    await runAfter(0);
    expect(await asked()).toHaveLength(1);
    const { id } = present((await refunds())[0]);
    expect(await tell({ refundId: id })).toBe('applied');
    expect(await sagas()).toEqual([]);
    const after = await load();
    expect([after.status, after.fulfilment]).toEqual(['REFUNDED', 'REVOKED']);
  });

  test('and is delivered after all: nothing goes back', async () => {
    await stick();
    await refunded('operator');
    enrol(0);
    enrol(1);
    await runAfter(0);
    expect(await asked()).toEqual([]);
    expect((await refunds()).map(({ status }) => status)).toEqual(['REJECTED']);
    expect([(await load()).fulfilment, await sagas()]).toEqual(['FULFILLED', []]);
  });

  test('while the course service is down, is not asked for yet', async () => {
    await stick();
    await refunded('operator');
    at.stand.neighbours.down.add('course');
    await runAfter(0);
    expect([await asked(), (await refunds()).map(({ status }) => status)]).toEqual([[], ['APPROVED']]);
    at.stand.neighbours.down.clear();
    await runAfter(1);
    expect(await asked()).toHaveLength(1);
  });

  test('in part: the stuck item is NOT_FULFILLED, the whole order an operator’s decision', async () => {
    enrol(0);
    await stick();
    expect(await refunded('operator', 1)).toMatchObject({ reason: 'NOT_FULFILLED' });
    expect(await refunded('operator')).toMatchObject({ reason: 'OPERATOR', itemIds: [present(at.items[0]).id] });
  });

  test('settled by hand ends the stuck sagas too', async () => {
    await stick();
    const { id } = await refunded('operator');
    expect(await sagas()).toHaveLength(2);
    const settlement = { refundId: id, succeeded: true, reference: 'bank-1' };
    expect(await createSettleRefund(at.stand.env)(OPERATOR, settlement)).toMatchObject({
      order: { status: 'REFUNDED' },
    });
    expect(await sagas()).toEqual([]);
  });

  test('while its money is going back, is neither announced again nor stuck', async () => {
    await runAfter(0);
    await refunded('operator');
    const announced = () =>
      at.stand.sql(`select 1 from outbox where aggregate_id = $1 and topic = 'order.course.succeeded.v1'`, [
        at.order.id,
      ]);
    const before = await announced();
    for (const minutes of [1, 5, 15, 15, 15]) await runAfter(minutes);
    expect(await announced()).toEqual(before);
    expect((await load()).fulfilment).toBe('IN_PROGRESS');
  });
});

test('a refund that is not answered in the set time is stuck at its settlement', async () => {
  await refunded('operator');
  await runAfter(0);
  await runAfter(24 * 60 - 1);
  expect((await sagas()).find(({ kind }) => kind === 'REFUND')).toMatchObject({ last_error: null });
  await runAfter(1);
  expect((await sagas()).find(({ kind }) => kind === 'REFUND')).toMatchObject({
    step: 'AWAIT_SETTLEMENT',
    last_error: 'the payment service did not settle the refund',
  });
});
