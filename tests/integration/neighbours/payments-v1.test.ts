import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from 'nice-grpc';
import { PaymentServiceV1Definition } from '../../../dev/neighbours/payment-service/v1-definition.js';
import { Provider } from '../../../src/generated/payment_common.js';
import { PaymentServiceDefinition } from '../../../src/generated/payment_service.js';
import { eventually } from '../../support/eventually.js';
import type { Stand } from './stand.js';
import { openStand, payableOrder } from './stand.js';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand({ contract: 'v1', paymentLifeMs: 400 });
});
afterAll(() => stand.close());

const payments = () => stand.client(PaymentServiceV1Definition, stand.neighbours.addresses.payment);

function create(idempotencyKey: string = randomUUID(), provider = Provider.STRIPE) {
  const [orderId, userId] = [randomUUID(), randomUUID()];
  stand.orders.answers.set(orderId, payableOrder(orderId, userId));
  return payments().createPayment({ orderId, userId, idempotencyKey, provider });
}

describe('contract v1', () => {
  it('answers the session with the payment, at the path of v2, and the same again for the key', async () => {
    expect(PaymentServiceV1Definition.fullName).toBe('payment_service.PaymentService');
    const key = randomUUID();
    const { result } = await create(key);
    expect(result).toMatchObject({
      $case: 'success',
      value: { provider: Provider.STRIPE, status: 'pending', session: { $case: 'stripe', value: { amount: 587n } } },
    });
    expect((await create(key)).result).toEqual(result);
  });

  it('needs a provider', async () => {
    const { result } = await create(randomUUID(), Provider.PROVIDER_UNSPECIFIED);
    expect(result).toMatchObject({ $case: 'error', value: { code: 'BadRequestException' } });
  });

  it('has no GetPayment and no CreateProviderSession', async () => {
    const v2 = stand.client(PaymentServiceDefinition, stand.neighbours.addresses.payment);
    await expect(v2.getPayment({ paymentId: randomUUID() })).rejects.toMatchObject({ code: Status.UNIMPLEMENTED });
    await expect(v2.createProviderSession({})).rejects.toMatchObject({ code: Status.UNIMPLEMENTED });
  });
});

describe('the end of a payment’s life', () => {
  it('is told as a timeout', async () => {
    const { result } = await create();
    const paymentId = result?.$case === 'success' ? result.value.paymentId : '';
    const ended = await eventually(() =>
      stand.seen.find(
        ({ topic, envelope }) => topic === 'payment.order.timeout.v1' && envelope.payload['paymentId'] === paymentId,
      ),
    );
    expect(ended?.envelope).toMatchObject({
      eventType: 'OrderPaymentTimeoutEvent',
      payload: { paymentStatus: 'expired', provider: 'stripe' },
    });
  });
});
