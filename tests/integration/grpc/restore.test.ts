import { beforeEach, describe, expect, test } from '@jest/globals';
import { recordPayments } from '../../../src/commands/record-payments.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { idOf } from '../../support/ids.js';
import { paymentFact } from '../../support/orders.js';
import { orderIn, refusal } from '../../support/wire.js';
import { grpcStand } from './grpc-stand.js';

const at = grpcStand();
const { call, nextBuyer, place } = at;
let buyer: string;
let id: string;
const tell = (kind: PaymentFactKind) =>
  recordPayments(at.stand.env, [
    {
      orderId: id,
      fact: paymentFact(kind, `payment of ${id}`, at.stand.clock.now()),
      inbox: { topic: kind, eventKey: id },
    },
  ]);
const restore = (user_id = buyer, order_id = id) => call('RestoreOrder', { order_id, user_id });

beforeEach(async () => {
  at.stand.neighbours.addCourse('algebra');
  buyer = nextBuyer();
  id = String(orderIn(await place(buyer, ['algebra'])).id);
});

describe('RestoreOrder', () => {
  test('makes a failed order payable again, at the price of today', async () => {
    await tell('failed');
    at.stand.neighbours.addCourse('algebra', { price: 600 });
    expect(orderIn(await restore())).toMatchObject({ status: 'pending_payment', amount: { total: 60_000 } });
    expect((await at.stand.load(id)).revision).toBe(2);
  });

  test.each([
    ['waits to be paid', [], 'pending_payment'],
    ['is being paid, as after 20 seconds of waiting', ['initiated'], 'processing'],
  ] as const)('an order that %s is answered as it is', async (_, news, status) => {
    for (const kind of news) await tell(kind);
    const { version } = await at.stand.load(id);
    expect(orderIn(await restore())).toMatchObject({ id, status });
    expect(await at.stand.load(id)).toMatchObject({ version, revision: 1 });
  });

  test('a paid order stays paid', async () => {
    await tell('succeeded');
    expect(refusal(await restore())).toEqual({
      status: 'FAILED_PRECONDITION',
      error_code: 'FAILED_PRECONDITION',
      reason: 'WRONG_STATUS',
    });
    expect((await at.stand.load(id)).status).toBe('SUCCEEDED');
  });

  test("another's order, or none, looks missing", async () => {
    await tell('failed');
    for (const outcome of [await restore(nextBuyer()), await restore(buyer, idOf('no order'))])
      expect(refusal(outcome)).toMatchObject({ status: 'NOT_FOUND', error_code: 'NOT_FOUND' });
    expect((await at.stand.load(id)).status).toBe('FAILED');
  });

  test('what cannot be sold any more is not restored', async () => {
    await tell('failed');
    at.stand.neighbours.addCourse('algebra', { published: false });
    expect(refusal(await restore())).toMatchObject({ status: 'FAILED_PRECONDITION', reason: 'COURSE_UNAVAILABLE' });
    expect((await at.stand.load(id)).status).toBe('FAILED');
  });
});
