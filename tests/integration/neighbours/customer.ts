import { randomUUID } from 'node:crypto';
import { Metadata } from 'nice-grpc';
import type { DeepPartial, OrderData } from '../../../src/generated/order_service.js';
import type { Provider } from '../../../src/generated/payment_common.js';
import { PaymentServiceDefinition } from '../../../src/generated/payment_service.js';
import type { Stand } from './stand.js';
import { payableOrder } from './stand.js';

/** Call options with an idempotency key, a new one unless given. */
export function withKey(key: string = randomUUID()) {
  return { metadata: Metadata({ 'idempotency-key': key }) };
}

/** What a test does with the payment service of contract v2 and with its page. */
export function customerOf(stand: Stand) {
  const payments = () => stand.client(PaymentServiceDefinition, stand.neighbours.addresses.payment);

  /** CreatePayment for a new order, payable but for the changes. */
  async function createFor(changes: DeepPartial<OrderData> = {}, idempotencyKey: string = randomUUID()) {
    const [orderId, userId] = [randomUUID(), randomUUID()];
    stand.orders.answers.set(orderId, payableOrder(orderId, userId, changes));
    const { result } = await payments().createPayment({ orderId, userId, idempotencyKey });
    return { orderId, userId, result };
  }

  async function startPayment(provider: Provider, changes: DeepPartial<OrderData> = {}) {
    const { orderId, userId, result } = await createFor(changes);
    const paymentId = result?.$case === 'success' ? result.value.paymentId : '';
    const urls = { successUrl: 'https://shop.test/ok?a=1&b=2', cancelUrl: 'javascript:alert(1)' };
    const answer = await payments().createProviderSession({ paymentId, provider, ...urls });
    const session = answer.result?.$case === 'success' ? answer.result.value.session : undefined;
    const sessionId = session?.$case === 'stripe' ? session.value.sessionId : (session?.value.orderId ?? '');
    return { orderId, userId, paymentId, session, sessionId };
  }

  /** Presses a button of the page. */
  async function press(sessionId: string, action: string, accept = 'application/json') {
    const url = `${stand.neighbours.pageUrl}/pay/${sessionId}/${action}`;
    const response = await fetch(url, { method: 'POST', headers: { accept } });
    return { code: response.status, text: await response.text() };
  }

  /** The payment's status, or the code of the refusal to tell it. */
  async function statusOf(paymentId: string) {
    const { result } = await payments().getPayment({ paymentId });
    return result?.$case === 'success' ? result.value.status : result?.value.code;
  }

  return { payments, createFor, startPayment, press, statusOf };
}
