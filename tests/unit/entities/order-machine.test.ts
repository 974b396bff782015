import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CheckoutProvider, EventActor, OrderStatusReason } from '../../../src/entities/enums.js';
import { cancelOrder, expireOrder } from '../../../src/entities/order-closing.js';
import { markStuck, missingItems, recordEnrolment } from '../../../src/entities/order-fulfilment.js';
import { attachPayment, confirmAttempt, refuseIntent, requestPayment } from '../../../src/entities/order-paying.js';
import { recordPayment } from '../../../src/entities/order-payments.js';
import { complete } from '../../../src/entities/payment/payment-effects.js';
import { claimProducts } from '../../../src/entities/order-placing.js';
import { refundSurplus } from '../../../src/entities/order-refunding.js';
import { restoreOrder } from '../../../src/entities/order-restoring.js';
import { isClosedUnpaid, isPayable, orderTransitions, OrderStatus } from '../../../src/entities/order-status.js';
import type { Order, RecordedEvent } from '../../../src/entities/order.js';
import type { PaymentFactKind } from '../../../src/entities/payment-decision.js';
import { idOf } from '../../support/ids.js';
import { BUYER, knowEntities, paymentFact, placedOrder, pricedItem, TIMES } from '../../support/orders.js';
import { MINUTE, T0 } from '../../support/test-clock.js';

beforeAll(knowEntities);

type Step =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'request' | 'attach' | 'refuse' | 'confirm'; readonly nth: number }
  | { readonly do: 'news'; readonly kind: PaymentFactKind; readonly payment: string; readonly secondsAgo: number }
  | { readonly do: 'enrol'; readonly nth: number }
  | { readonly do: 'stick' | 'cancel' | 'expire' }
  | { readonly do: 'restore'; readonly price: bigint }
  | { readonly do: 'decideLateMoney'; readonly deliver: boolean };

const kind = fc.constantFrom<PaymentFactKind>('initiated', 'succeeded', 'failed', 'cancelled', 'expired');
const secondsAgo = fc.integer({ min: -60, max: 600 });

/** What may be done about payments. Those our intents become, and others that were started without us. */
function paymentSteps(intents: number, foreign: readonly string[]): fc.Arbitrary<Step> {
  const nth = fc.nat({ max: intents - 1 });
  const payment = fc.oneof(
    nth.map((n) => `payment of ${n}`),
    ...foreign.map((id) => fc.constant(id)),
  );
  return fc.oneof(
    fc.record({ do: fc.constantFrom('request', 'attach', 'refuse', 'confirm'), nth }),
    fc.record({ do: fc.constant('news' as const), kind, payment, secondsAgo }),
  );
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: paymentSteps(4, ['foreign 1', 'foreign 2']) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.nat({ max: 900 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('enrol' as const), nth: fc.nat({ max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stick', 'cancel', 'expire') }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restore' as const), price: fc.bigInt({ min: 0n, max: 9n }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('decideLateMoney' as const), deliver: fc.boolean() }) },
);

/** An order that everything may happen to, in any order and repeatedly. */
class Life {
  readonly order: Order;
  #now = T0;

  constructor(prices: readonly bigint[]) {
    this.order = placedOrder(prices.map((price, n) => pricedItem(`course ${n}`, price)));
  }

  do(what: Step): void {
    const { order } = this;
    const now = this.#now;
    switch (what.do) {
      case 'wait':
        this.#now = new Date(now.getTime() + what.seconds * 1_000);
        return;
      case 'request':
        if (isPayable(order.status) && !this.#intent(what.nth)) requestPayment(order, intentOf(what.nth), now, TIMES);
        return;
      case 'attach':
        return this.#attach(what.nth);
      case 'refuse':
        return this.#refuse(what.nth);
      case 'confirm':
        return this.#confirm(what.nth);
      case 'news': {
        const at = new Date(now.getTime() - what.secondsAgo * 1_000);
        recordPayment(order, paymentFact(what.kind, what.payment, at), now, TIMES);
        return;
      }
      case 'enrol':
        recordEnrolment(order, idOf(`course ${what.nth}`), now, now);
        return;
      case 'stick':
        if (order.status === OrderStatus.SUCCEEDED && missingItems(order).length > 0)
          markStuck(order, missingItems(order), now);
        return;
      case 'cancel':
        if (isPayable(order.status)) cancelOrder(order, CANCELLATION, now);
        return;
      case 'expire':
        if (order.expiresAt && order.expiresAt <= now) expireOrder(order, true, now);
        return;
      case 'restore':
        return this.#restore(what.price);
      case 'decideLateMoney':
        return this.#decideLateMoney(what.deliver);
    }
  }

  #intent(n: number) {
    return this.order.attempts.getItems().find(({ id }) => id === idOf(`intent ${n}`));
  }

  #attach(n: number): void {
    const intent = this.#intent(n);
    if (intent) attachPayment(this.order, intent, answerOf(n), this.#now, TIMES);
  }

  #refuse(n: number): void {
    const intent = this.#intent(n);
    if (intent?.state === 'INTENT') refuseIntent(this.order, intent, this.#now);
  }

  #confirm(n: number): void {
    const attempt = this.#intent(n);
    if (attempt?.paymentId && attempt.isLive(this.#now)) confirmAttempt(this.order, attempt, this.#now);
  }

  /** At another price, unless late money waits for its decision. */
  #restore(price: bigint): void {
    const { order } = this;
    const isUndecided = order.attempts.getItems().some(({ capture }) => capture === 'UNDECIDED');
    if (!isClosedUnpaid(order.status) || isUndecided) return;
    const items = order.currentItems.map(({ title }) => pricedItem(title, price));
    const itemIds = items.map(({ title }) => idOf(`${title} of revision ${order.revision + 1}`));
    const payableUntil = new Date(this.#now.getTime() + 30 * MINUTE);
    restoreOrder(order, { items, itemIds, couponCode: null, payableUntil, now: this.#now });
  }

  /** As the saga does: deliver what a closed order was paid for, or give it back. */
  #decideLateMoney(deliver: boolean): void {
    const attempt = this.order.attempts.getItems().find(({ capture }) => capture === 'UNDECIDED');
    if (!attempt) return;
    if (!deliver || !isClosedUnpaid(this.order.status)) return refundSurplus(this.order, attempt, this.#now);
    const { claims } = this.order;
    expect(claims).toHaveLength(0);
    claimProducts(this.order, this.#now);
    complete(this.order, attempt, this.#now, this.#now);
  }
}

const CANCELLATION = {
  actor: EventActor.BUYER,
  byId: BUYER,
  reason: OrderStatusReason.CANCELLED_BY_BUYER,
  note: null,
};

const intentOf = (n: number) => {
  const provider = n % 2 === 0 ? CheckoutProvider.PAYPAL : CheckoutProvider.RAZORPAY;
  return { id: idOf(`intent ${n}`), provider, returnUrls: { successUrl: null, cancelUrl: null } };
};

const answerOf = (n: number) => ({
  paymentId: `payment of ${n}`,
  session: {
    provider: CheckoutProvider.PAYPAL as const,
    orderId: `paypal ${n}`,
    approvalLink: 'https://paypal.example/',
    amount: '1',
    currency: 'INR',
  },
});

/** Every event has a version of its own, continues where the one before ended, and changes the status as allowed. */
function expectHistory(order: Order, events: readonly RecordedEvent[]): void {
  expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(-1)?.version).toBe(order.version);
  events.forEach(({ from, to }, i) => {
    expect(from).toBe(i === 0 ? null : events[i - 1]?.to);
    if (from !== null && from !== to) expect(orderTransitions[from]).toContain(to);
  });
  expect(events.at(-1)?.to).toBe(order.status);
}

function expectMoney(order: Order): void {
  const attempts = order.attempts.getItems();
  const succeeded = attempts.filter(({ state }) => state === 'SUCCEEDED');
  expect(order.capturedMinor).toBe(succeeded.reduce((sum, { amountMinor }) => sum + amountMinor, 0n));
  const kept = attempts.filter(({ capture }) => capture === 'ACCEPTED' || capture === 'UNDECIDED');
  expect(kept.length).toBeLessThanOrEqual(1);
  expect(attempts.filter(({ capture }) => capture !== null)).toEqual(succeeded);
  expect(order.newRefunds?.length ?? 0).toBe(attempts.filter(({ capture }) => capture === 'RETURNED').length);
  const isPaid = order.status === OrderStatus.SUCCEEDED && order.totalMinor > 0n;
  expect(attempts.some(({ capture }) => capture === 'ACCEPTED')).toBe(isPaid);
}

function expectEnds(order: Order): void {
  const payable = isPayable(order.status);
  const holds = payable || order.status === OrderStatus.SUCCEEDED;
  expect(order.claims).toHaveLength(holds ? order.currentItems.length : 0);
  expect(order.expiresAt === null).toBe(!payable);
  expect(order.paidAt !== null).toBe(order.status === OrderStatus.SUCCEEDED);
  const delivered = order.currentItems.every(({ fulfilment }) => fulfilment === 'FULFILLED');
  if (order.fulfilment === 'FULFILLED') expect(delivered).toBe(true);
}

/** What never changes without a new event. (A missing field that a repeat fills in may.) */
const stateOf = (order: Order) => order.attempts.getItems().map(({ id, state, capture }) => [id, state, capture]);

test('whatever happens to an order, in any order: its history, money, claims and deadline fit together', () => {
  const prices = fc.array(fc.bigInt({ min: 0n, max: 100_000n }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(prices, fc.array(step, { maxLength: 30 }), (cart, steps) => {
      const life = new Life(cart);
      const { order } = life;
      for (const what of steps) {
        const [version, attempts] = [order.version, stateOf(order)];
        life.do(what);
        if (order.version === version) expect(stateOf(order)).toEqual(attempts);
        expectMoney(order);
        expectEnds(order);
      }
      expectHistory(order, order.recorded ?? []);
    }),
    { numRuns: process.env.FULL ? 10_000 : 500 },
  );
});

test('an order with no attempt that may still succeed is never left in processing by news of payments', () => {
  fc.assert(
    fc.property(fc.array(paymentSteps(2, []), { maxLength: 15 }), (steps) => {
      const life = new Life([100n]);
      for (const what of steps) {
        life.do(what);
        const isLive = life.order.attempts.getItems().some((attempt) => attempt.isLive(T0));
        if (life.order.status === OrderStatus.PROCESSING) expect(isLive).toBe(true);
      }
    }),
    { numRuns: process.env.FULL ? 20_000 : 2_000 },
  );
});
