import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from 'nice-grpc';
import { eventually } from '../support/eventually.js';
import { startProduct, type Product } from './support/product.js';
import type { Graph } from './support/graph.js';
import {
  CANCEL_PAYMENT,
  CONFIRM,
  people,
  PLACE,
  placeAndStart,
  SHOW,
  START,
  untilOrder,
} from './support/purchase-steps.js';

const STUDENTS = 40;
let product: Product;
let students: Graph[];
let course: string;

beforeAll(async () => {
  product = await startProduct({ SAMPLE_STUDENTS: String(STUDENTS), NEIGHBOUR_TIMEOUT_MS: '1000' });
  const ids = product.laptop.sample.users
    .filter(({ status, roles }) => roles.includes('student') && status !== 'blocked')
    .map(({ id }) => id);
  students = await Promise.all(ids.slice(2).map((id) => product.as(id)));
  course = '8d116ece-1738-47d9-bd9c-172411e20b8f';
}, 60_000);
afterAll(() => product.stop(), 30_000);
afterEach(() => {
  product.neighbours.payment.faults = {};
});

/** Every test has a buyer of its own. */
function buyer(): Graph {
  const graph = students.pop();
  if (!graph) throw new Error('there are more tests than students');
  return graph;
}

describe('given PayPal and Razorpay, which the buyer ends in the browser', () => {
  it('when PayPal is approved and confirmed, then the event completes the order', async () => {
    const graph = buyer();
    const { orderId, paymentId, session } = await placeAndStart(graph, [course], 'PAYPAL');
    const early = await graph.ask(CONFIRM, { input: { orderId, paymentId } });
    expect(early.data.confirmPayment.__typename).toBe('PaymentRefused');
    await product.press('approve', session);
    const confirmed = await graph.ask(CONFIRM, { input: { orderId, paymentId } });
    expect(confirmed.data.confirmPayment).toMatchObject({ __typename: 'ConfirmPaymentSuccess', replayed: false });
    const order = await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED');
    expect(order.timeline.map(({ type }: { type: string }) => type)).toContain('PAYMENT_CONFIRMED');
  });

  it('when Razorpay’s proof is missing or wrong, it is refused; with the right one the order completes', async () => {
    const graph = buyer();
    const { orderId, paymentId, session } = await placeAndStart(graph, [course], 'RAZORPAY');
    const { razorpay } = await product.press('approve', session);
    const missing = await graph.ask(CONFIRM, { input: { orderId, paymentId } });
    expect(missing.data.confirmPayment).toMatchObject({ __typename: 'InvalidInput', fields: [{ path: 'razorpay' }] });
    const wrong = await graph.ask(CONFIRM, {
      input: { orderId, paymentId, razorpay: { ...razorpay, signature: 'no' } },
    });
    expect(wrong.data.confirmPayment.__typename).toBe('PaymentRefused');
    const idempotencyKey = 'confirm-1';
    const right = await graph.ask(CONFIRM, { input: { orderId, paymentId, razorpay, idempotencyKey } });
    expect(right.data.confirmPayment).toMatchObject({ __typename: 'ConfirmPaymentSuccess', replayed: false });
    await untilOrder(graph, orderId, 'SUCCEEDED', 'FULFILLED');
    const again = await graph.ask(CONFIRM, { input: { orderId, paymentId, razorpay, idempotencyKey } });
    expect(again.data.confirmPayment).toMatchObject({ __typename: 'ConfirmPaymentSuccess', replayed: true });
  });

  it('when the buyer abandons the payment, then it is cancelled, and asking again succeeds again', async () => {
    const graph = buyer();
    const { orderId, paymentId } = await placeAndStart(graph, [course], 'RAZORPAY');
    for (const _time of [1, 2]) {
      const { data } = await graph.ask(CANCEL_PAYMENT, { input: { orderId, paymentId } });
      expect(data.cancelPayment).toMatchObject({
        __typename: 'CancelPaymentSuccess',
        payment: { status: 'CANCELLED' },
      });
    }
    const order = await untilOrder(graph, orderId, 'FAILED');
    expect(order.statusReason).toBe('PAYMENT_CANCELLED');
  });

  it('when another provider is chosen, then the first payment is ended and the second pays', async () => {
    const graph = buyer();
    const first = await placeAndStart(graph, [course], 'RAZORPAY');
    const { data } = await graph.ask(START, { input: { orderId: first.orderId, provider: 'STRIPE' } });
    expect(data.startPayment).toMatchObject({
      __typename: 'StartPaymentSuccess',
      replayed: false,
      order: { status: 'PROCESSING' },
    });
    await product.press('approve', data.startPayment.session.sessionId);
    const order = await untilOrder(graph, first.orderId, 'SUCCEEDED', 'FULFILLED');
    expect(
      order.payments.map(({ provider, status }: { provider: string; status: string }) => [provider, status]),
    ).toEqual([
      ['RAZORPAY', 'CANCELLED'],
      ['STRIPE', 'SUCCEEDED'],
    ]);
  });

  it('when the first payment is being captured, then another cannot be started', async () => {
    const graph = buyer();
    const first = await placeAndStart(graph, [course], 'PAYPAL');
    await product.press('approve', first.session);
    product.neighbours.payment.faults = { delayMs: 700, methods: ['ResolvePayment'] };
    const confirming = graph.ask(CONFIRM, { input: { orderId: first.orderId, paymentId: first.paymentId } });
    await eventually(
      async () =>
        (await graph.ask(SHOW, { id: first.orderId })).data.order.timeline.at(-1).type === 'PAYMENT_CONFIRMED',
    );
    const { data } = await graph.ask(START, { input: { orderId: first.orderId, provider: 'STRIPE' } });
    expect(data.startPayment).toMatchObject({ __typename: 'ActionNotAllowed', reason: 'PAYMENT_IN_PROGRESS' });
    expect((await confirming).data.confirmPayment.__typename).toBe('ConfirmPaymentSuccess');
    expect((await untilOrder(graph, first.orderId, 'SUCCEEDED')).payments).toHaveLength(1);
  });
});

describe('given the same request several times', () => {
  it('when 50 calls with one key arrive at once, then one order is placed and all answers are equal but for replayed', async () => {
    const graph = buyer();
    const input = { courseIds: [course], idempotencyKey: 'place-1' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => graph.ask(PLACE, { input })));
    const placed = answers.map(({ data }) => data.placeOrder);
    expect(new Set(placed.map(({ __typename, order }) => `${__typename} ${order?.id}`)).size).toBe(1);
    expect(placed.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const other = await graph.ask(PLACE, { input: { ...input, courseIds: ['90c192cf-d3ac-44af-8f21-ddb66cad4a26'] } });
    expect(other.data.placeOrder).toMatchObject({ __typename: 'IdempotencyConflict', key: 'place-1' });
    expect((await graph.ask('{ myOrders { totalCount } }')).data.myOrders.totalCount).toBe(1);
  });

  it('when the key comes as a header, it counts as well', async () => {
    const graph = buyer();
    const ask = () => graph.ask(PLACE, { input: { courseIds: [course] } }, { 'idempotency-key': 'header-1' });
    expect((await ask()).data.placeOrder.replayed).toBe(false);
    expect((await ask()).data.placeOrder.replayed).toBe(true);
  });

  it('when 20 payments are started at once, then there is one payment', async () => {
    const graph = buyer();
    const { data } = await graph.ask(PLACE, { input: { courseIds: [course] } });
    const input = { orderId: data.placeOrder.order.id, provider: 'STRIPE', idempotencyKey: 'pay-1' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => graph.ask(START, { input })));
    const payments = answers.map((answer) => answer.data.startPayment);
    expect(payments.map(({ __typename }) => __typename)).toEqual(Array(20).fill('StartPaymentSuccess'));
    expect(new Set(payments.map(({ payment }) => payment.id)).size).toBe(1);
    const order = (await graph.ask(SHOW, { id: input.orderId })).data.order;
    expect(order.payments).toHaveLength(1);
  });

  it('when the version is not the expected one, the answer is VersionConflict and nothing changes', async () => {
    const graph = buyer();
    const { data } = await graph.ask(PLACE, { input: { courseIds: [course] } });
    const { id } = data.placeOrder.order;
    const { startPayment } = (
      await graph.ask(START, { input: { orderId: id, provider: 'STRIPE', expectedVersion: 9 } })
    ).data;
    expect(startPayment).toMatchObject({ __typename: 'VersionConflict', order: { version: 1 } });
    expect((await graph.ask(SHOW, { id })).data.order).toMatchObject({ version: 1, payments: [] });
  });
});

describe('given a payment service in trouble', () => {
  it('when it does the call but its answer is lost, then the saga attaches the same payment', async () => {
    const graph = buyer();
    const { data } = await graph.ask(PLACE, { input: { courseIds: [course] } });
    const { id } = data.placeOrder.order;
    product.neighbours.payment.faults = { loseAnswer: true };
    const lost = await graph.ask(START, { input: { orderId: id, provider: 'STRIPE' } });
    expect(lost.data.startPayment).toMatchObject({ __typename: 'ServiceUnavailable', service: 'payment' });
    product.neighbours.payment.faults = {};
    const again = await eventually(
      async () => (await graph.ask(START, { input: { orderId: id, provider: 'STRIPE' } })).data.startPayment,
      ({ __typename }) => __typename === 'StartPaymentSuccess',
    );
    const order = (await graph.ask(SHOW, { id })).data.order;
    expect(order.payments).toEqual([expect.objectContaining({ id: again.payment.id, status: 'PENDING' })]);
  });

  it('when it is down, then the answer is ServiceUnavailable and the order stays payable', async () => {
    const graph = buyer();
    const { data } = await graph.ask(PLACE, { input: { courseIds: [course] } });
    const { id } = data.placeOrder.order;
    product.neighbours.payment.faults = { status: Status.UNAVAILABLE };
    const { startPayment } = (await graph.ask(START, { input: { orderId: id, provider: 'PAYPAL' } })).data;
    expect(startPayment).toMatchObject({ __typename: 'ServiceUnavailable', service: 'payment' });
    expect((await graph.ask(SHOW, { id })).data.order).toMatchObject({ status: 'PENDING_PAYMENT', payments: [] });
  });
});

describe('given a free course', () => {
  it('when it is ordered, then it is the buyer’s without payment', async () => {
    const graph = buyer();
    const { data } = await graph.ask(PLACE, { input: { courseIds: ['8e81973e-0bec-47b0-b898-d190f9ebdacc'] } });
    expect(data.placeOrder).toMatchObject({ order: { status: 'SUCCEEDED', total: { amount: 0 } } });
    const order = await untilOrder(graph, data.placeOrder.order.id, 'SUCCEEDED', 'FULFILLED');
    expect(order).toMatchObject({ payments: [], captured: { amount: 0 } });
    expect(order.availableActions).toContainEqual({ name: 'PAY', allowed: false, blockedReason: 'WRONG_STATUS' });
  });
});

describe('given a buyer in dollars', () => {
  it('then amounts are in cents of that currency', async () => {
    const graph = await product.as(people.asha);
    const { data } = await graph.ask(PLACE, { input: { courseIds: ['6b4cb242-4a23-4596-a217-beaddbc496cb'] } });
    expect(data.placeOrder.order.total).toEqual({ amount: 3_900, currency: 'USD' });
  });
});
