import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Provider } from '../../../src/generated/payment_common.js';
import { eventually } from '../../support/eventually.js';
import { customerOf, withKey } from './customer.js';
import type { SeenEvent, Stand } from './stand.js';
import { openStand } from './stand.js';

let stand: Stand;
let customer: ReturnType<typeof customerOf>;
beforeAll(async () => {
  stand = await openStand();
  customer = customerOf(stand);
});
afterAll(() => stand.close());

function eventsOf(paymentId: string): SeenEvent[] {
  return stand.seen.filter(({ envelope }) => envelope.payload['paymentId'] === paymentId);
}

describe('a payment, contract v2', () => {
  it('with Stripe: created, a session in USD for rupees, approved on the page, told with the contract’s envelope', async () => {
    const { orderId, userId, paymentId, session, sessionId } = await customer.startPayment(Provider.STRIPE);
    expect(session).toEqual({
      $case: 'stripe',
      value: {
        sessionId,
        publicKey: 'pk_test_edulearn_stand_in',
        url: `${stand.neighbours.pageUrl}/pay/${sessionId}`,
        amount: 587n,
        currency: 'USD',
      },
    });
    const stored = await customer.payments().getPayment({ paymentId });
    expect(stored.result).toMatchObject({
      value: { amount: 49_900n, currency: 'INR', status: 'pending', orderId, providerOrderId: sessionId },
    });

    const { code, text } = await customer.press(sessionId, 'approve');
    expect([code, JSON.parse(text)]).toEqual([200, { paymentId, orderId, status: 'success', session: sessionId }]);
    const events = await eventually(
      () => eventsOf(paymentId),
      ({ length }) => length === 3,
    );
    const byTopic = (topic: string) => events.filter((event) => event.topic === topic);
    expect(byTopic('payment.order.initiated.v1').map(({ envelope }) => envelope.payload)).toEqual([
      { paymentId, orderId, userId, paymentStatus: 'pending' },
      { paymentId, orderId, userId, provider: 'stripe', providerOrderId: sessionId, paymentStatus: 'pending' },
    ]);
    expect(byTopic('payment.order.succeeded.v1')).toEqual([
      {
        topic: 'payment.order.succeeded.v1',
        key: userId,
        envelope: {
          eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          eventType: 'OrderPaymentSuccessEvent',
          timestamp: expect.any(Number),
          source: 'payment-service',
          payload: {
            paymentId,
            orderId,
            userId,
            provider: 'stripe',
            providerOrderId: sessionId,
            paymentStatus: 'success',
          },
        },
      },
    ]);
    const resolved = await customer
      .payments()
      .resolvePayment({ provider: Provider.STRIPE, payment: { $case: 'stripe', value: { sessionId } } }, withKey());
    expect(resolved.result).toEqual({
      $case: 'success',
      value: { status: 'captured', paymentId, isResolved: true, orderId },
    });
  });

  it('with PayPal: the page approves, ResolvePayment captures', async () => {
    const { paymentId, orderId, session, sessionId } = await customer.startPayment(Provider.PAYPAL, {
      amount: { total: 3_900, currency: 'USD' },
      items: [{ price: 3_900 }],
    });
    expect(session).toMatchObject({ $case: 'paypal', value: { amount: 3_900n, currency: 'USD' } });
    const request = { provider: Provider.PAYPAL, payment: { $case: 'paypal', value: { orderId: sessionId } } } as const;
    const early = await customer.payments().resolvePayment(request, withKey());
    expect(early.result).toMatchObject({ value: { isResolved: false, status: 'pending_approval' } });

    expect(JSON.parse((await customer.press(sessionId, 'approve')).text)).toMatchObject({ status: 'approved' });
    expect(await customer.statusOf(paymentId)).toBe('pending');
    const { result } = await customer.payments().resolvePayment(request, withKey());
    expect(result).toEqual({ $case: 'success', value: { status: 'captured', paymentId, isResolved: true, orderId } });
    expect(await customer.statusOf(paymentId)).toBe('success');
    await eventually(() => eventsOf(paymentId).some(({ topic }) => topic === 'payment.order.succeeded.v1'));
  });

  it('with Razorpay: the page gives the proof, a wrong one is refused', async () => {
    const { paymentId, session, sessionId } = await customer.startPayment(Provider.RAZORPAY);
    expect(session).toMatchObject({ $case: 'razorpay', value: { amount: 49_900n, currency: 'INR' } });
    const { razorpay } = JSON.parse((await customer.press(sessionId, 'approve')).text);
    const resolve = (signature: string) =>
      customer.payments().resolvePayment(
        {
          provider: Provider.RAZORPAY,
          payment: {
            $case: 'razorpay',
            value: { razorpayOrderId: sessionId, razorpayPaymentId: razorpay.paymentId, razorpaySignature: signature },
          },
        },
        withKey(),
      );
    expect((await resolve('forged')).result).toMatchObject({ $case: 'error', value: { code: 'BadRequestException' } });
    expect(await customer.statusOf(paymentId)).toBe('pending');
    expect((await resolve(razorpay.signature)).result).toMatchObject({ value: { isResolved: true } });
  });

  it.each([
    ['decline', 'failed', 'payment.order.failed.v1', 'payment-service'],
    ['cancel', 'cancelled', 'payment.order.failed.v1', undefined],
    ['timeout', 'expired', 'payment.order.timeout.v1', 'payment-service'],
  ])('%s on the page: %s, %s, and no second end', async (action, status, topic, source) => {
    const { paymentId, sessionId } = await customer.startPayment(Provider.STRIPE);
    expect((await customer.press(sessionId, action)).code).toBe(200);
    const told = await eventually(() => eventsOf(paymentId).find((event) => event.topic === topic));
    expect(told?.envelope.payload).toMatchObject({ paymentStatus: status, provider: 'stripe' });
    expect(told?.envelope.source).toBe(source);
    const again = await customer.press(sessionId, 'approve');
    expect([again.code, JSON.parse(again.text).status]).toEqual([409, status]);
    expect(await customer.statusOf(paymentId)).toBe(status);
  });

  it('CancelPayment: cancelled once, refused after that', async () => {
    const { paymentId, sessionId } = await customer.startPayment(Provider.PAYPAL);
    const request = { provider: Provider.PAYPAL, providerOrderId: sessionId };
    const wrong = await customer.payments().cancelPayment({ ...request, provider: Provider.STRIPE }, withKey());
    expect(wrong.result).toMatchObject({ value: { code: 'NotFoundException' } });
    const { result } = await customer.payments().cancelPayment(request, withKey());
    expect(result).toEqual({ $case: 'success', value: { status: 'cancelled', paymentId, providerOrderId: sessionId } });
    const again = await customer.payments().cancelPayment(request, withKey());
    expect(again.result).toMatchObject({ $case: 'error', value: { code: 'DOMAIN_EXCEPTION' } });
  });
});
