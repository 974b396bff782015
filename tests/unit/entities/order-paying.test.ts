import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CheckoutProvider } from '../../../src/entities/enums.js';
import {
  attachPayment,
  confirmAttempt,
  refuseIntent,
  requestPayment,
  unconfirmAttempt,
} from '../../../src/entities/order-paying.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import type { Order } from '../../../src/entities/order.js';
import type { PaymentAttempt } from '../../../src/entities/payment-attempt.js';
import type { ProviderSession } from '../../../src/entities/provider-session.js';
import { idOf } from '../../support/ids.js';
import { BUYER, knowEntities, paymentFact, placedOrder, takeRecorded, TIMES } from '../../support/orders.js';
import { minutes } from '../../support/test-clock.js';

beforeAll(knowEntities);

const returnUrls = { successUrl: 'https://shop.example/paid', cancelUrl: null };
const session: ProviderSession = {
  provider: CheckoutProvider.PAYPAL,
  orderId: 'paypal-7',
  approvalLink: 'https://paypal.example/7',
  amount: '49900',
  currency: 'INR',
};
const started = { paymentId: 'p1', session };

let order: Order;
let intent: PaymentAttempt;
beforeEach(() => {
  order = placedOrder();
  takeRecorded(order);
  intent = requestPayment(
    order,
    { id: idOf('intent'), provider: CheckoutProvider.PAYPAL, returnUrls },
    minutes(25),
    TIMES,
  );
});

describe('the intent', () => {
  test('is a live attempt without a payment; the order waits for it, and a saga repeats the call after 15 seconds', () => {
    expect(intent).toMatchObject({
      id: idOf('intent'),
      state: 'INTENT',
      paymentId: null,
      revision: 1,
      amountMinor: 49_900n,
      returnUrls,
      startedAt: minutes(25),
      expiresAt: minutes(35),
      deadline: minutes(37),
    });
    expect([order.status, order.version, order.expiresAt]).toEqual(['PENDING_PAYMENT', 2, minutes(37)]);
    const { events, sagas } = takeRecorded(order);
    expect(events).toMatchObject([{ type: 'PAYMENT_REQUESTED', actor: 'BUYER', byId: BUYER }]);
    expect(sagas).toEqual([{ kind: 'PAYMENT', step: 'START', subjectId: intent.id, dueAt: minutes(25.25) }]);
  });

  test('refused by the payment service: over, and the order is payable as before', () => {
    takeRecorded(order);
    refuseIntent(order, intent, minutes(26));
    expect([intent.state, order.status, order.expiresAt]).toEqual(['FAILED', 'PENDING_PAYMENT', minutes(30)]);
    expect(takeRecorded(order).events).toMatchObject([{ type: 'PAYMENT_FAILED', version: 3 }]);
  });
});

test('refused after every other attempt has ended: nothing is under way, the order is payable again', () => {
  recordPayment(order, paymentFact('initiated', 'p0', minutes(25)), minutes(25), TIMES);
  recordPayment(order, paymentFact('cancelled', 'p0', minutes(26)), minutes(26), TIMES);
  expect(order.status).toBe('PROCESSING');
  refuseIntent(order, intent, minutes(27));
  expect([order.status, order.expiresAt]).toEqual(['PENDING_PAYMENT', minutes(30)]);
});

describe('the answer of the payment service', () => {
  test('is attached to the intent and counts as its initiated', () => {
    takeRecorded(order);
    expect(attachPayment(order, intent, started, minutes(26), TIMES)).toBe(intent);
    expect(intent).toMatchObject({ paymentId: 'p1', state: 'PENDING', session, providerOrderId: 'paypal-7' });
    expect([order.status, order.version]).toEqual(['PROCESSING', 3]);
    expect(takeRecorded(order).events).toMatchObject([{ type: 'PAYMENT_INITIATED', paymentId: 'p1' }]);
  });

  test('an event was faster: its attempt takes the place of the intent and keeps what it knows', () => {
    recordPayment(order, { ...paymentFact('initiated', 'p1', minutes(25)), provider: null }, minutes(25), TIMES);
    takeRecorded(order);
    const merged = attachPayment(order, intent, started, minutes(26), TIMES);
    expect(order.attempts.getItems()).toEqual([merged]);
    expect(merged).toMatchObject({
      paymentId: 'p1',
      state: 'PENDING',
      provider: 'PAYPAL',
      revision: 1,
      amountMinor: 49_900n,
      session,
      returnUrls,
      firstSeenRestored: false,
    });
    expect(order.status).toBe('PROCESSING');
  });

  test('a merge raises the version, so that no other transaction may still count on the intent', () => {
    recordPayment(order, paymentFact('initiated', 'p1', minutes(25)), minutes(25), TIMES);
    takeRecorded(order);
    const before = order.version;
    attachPayment(order, intent, started, minutes(26), TIMES);
    const { events } = takeRecorded(order);
    expect([order.version, events.map(({ version }) => version)]).toEqual([before + 1, [before + 1]]);
  });

  test.each([
    [['initiated'], ['PAYMENT_INITIATED', 'PAYMENT_ATTACHED']],
    [['failed'], ['PAYMENT_FAILED', 'PAYMENT_ATTACHED', 'FAILED']],
    [
      ['initiated', 'cancelled'],
      ['PAYMENT_INITIATED', 'PAYMENT_CANCELLED', 'PAYMENT_ATTACHED', 'FAILED'],
    ],
    [
      ['initiated', 'succeeded'],
      ['PAYMENT_INITIATED', 'PAYMENT_SUCCEEDED', 'SUCCEEDED', 'PAYMENT_ATTACHED'],
    ],
  ] as const)(
    'after events %j: nothing stands in the timeline twice, and every version has its event',
    (kinds, types) => {
      takeRecorded(order);
      const before = order.version;
      for (const kind of kinds) recordPayment(order, paymentFact(kind, 'p1', minutes(25)), minutes(25), TIMES);
      const merged = attachPayment(order, intent, started, minutes(26), TIMES);
      attachPayment(order, merged, started, minutes(27), TIMES);
      const { events } = takeRecorded(order);
      expect(events.map(({ type }) => type)).toEqual(types);
      expect(events.map(({ version }) => version)).toEqual(types.map((_, i) => before + i + 1));
    },
  );

  test('the payment has failed meanwhile: with the intent gone the order fails at once', () => {
    recordPayment(order, paymentFact('failed', 'p1', minutes(25)), minutes(25), TIMES);
    expect(order.status).toBe('PENDING_PAYMENT');
    takeRecorded(order);
    attachPayment(order, intent, started, minutes(26), TIMES);
    expect([order.attempts.length, order.status, order.statusReason]).toEqual([1, 'FAILED', 'PAYMENT_DECLINED']);
  });

  test('the payment has succeeded meanwhile: the order stays paid by it', () => {
    recordPayment(order, paymentFact('succeeded', 'p1', minutes(25)), minutes(25), TIMES);
    const merged = attachPayment(order, intent, started, minutes(26), TIMES);
    expect([order.status, order.capturedMinor, order.attempts.length]).toEqual(['SUCCEEDED', 49_900n, 1]);
    expect([merged.state, merged.capture]).toEqual(['SUCCEEDED', 'ACCEPTED']);
  });

  test('comes to an order that another payment has paid: cancelled', () => {
    recordPayment(order, paymentFact('succeeded', 'other', minutes(25)), minutes(25), TIMES);
    takeRecorded(order);
    attachPayment(order, intent, started, minutes(26), TIMES);
    expect(order.status).toBe('SUCCEEDED');
    expect(takeRecorded(order).sagas).toMatchObject([{ kind: 'PAYMENT', step: 'CANCEL', subjectId: intent.id }]);
  });
});

test('a confirmation by the buyer is an event; taken back, the payment may be tried again', () => {
  attachPayment(order, intent, started, minutes(26), TIMES);
  takeRecorded(order);
  confirmAttempt(order, intent, minutes(27));
  expect([intent.confirmedAt, order.version]).toEqual([minutes(27), 4]);
  expect(takeRecorded(order).events).toMatchObject([{ type: 'PAYMENT_CONFIRMED', actor: 'BUYER', paymentId: 'p1' }]);
  unconfirmAttempt(intent, minutes(28));
  expect(intent.confirmedAt).toBeNull();
});
