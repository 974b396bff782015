import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OrderStatus } from '../../../../src/entities/order-status.js';
import { recordPayment, type PaymentFact } from '../../../../src/entities/order-payments.js';
import { settleRefund } from '../../../../src/entities/order-refunding.js';
import type { OrderRefund } from '../../../../src/entities/order-refund.js';
import type { Order } from '../../../../src/entities/order.js';
import { findSuspicions } from '../../../../src/entities/payment/find-suspicions.js';
import type { PaymentClaims } from '../../../../src/entities/payment/payment-claims.js';
import { EventActor } from '../../../../src/entities/enums.js';
import { idOf } from '../../../support/ids.js';
import { attemptOf, BUYER, freshOrder, knowEntities, paymentFact, tell, TIMES } from '../../../support/orders.js';
import { minutes } from '../../../support/test-clock.js';

const TOTAL = 49_900n;

beforeAll(knowEntities);

const capture = (claims?: PaymentClaims): PaymentFact => ({ ...paymentFact('succeeded', 'p'), claims });
const apply = (order: Order, claims: PaymentClaims) => recordPayment(order, capture(claims), minutes(1), TIMES);
const refundsOf = (order: Order) => (order.newRefunds ?? []).map(({ reason, amountMinor }) => [reason, amountMinor]);

describe('what a capture claims', () => {
  test.each([
    ['nothing', undefined, []],
    ['the buyer', { buyerId: BUYER }, []],
    ['the total in the currency of the order', { amountMinor: TOTAL, currency: 'INR' }, []],
    ['more than the total', { amountMinor: TOTAL + 1n }, []],
    ['another user', { buyerId: idOf('somebody') }, ['ANOTHER_BUYER']],
    ['another currency', { currency: 'IDR' }, ['ANOTHER_CURRENCY']],
    ['one minor unit less than the total', { amountMinor: TOTAL - 1n }, ['AMOUNT_TOO_LOW']],
    ['a status that no capture has', { contradictingStatus: 'failed' }, ['STATUS_DIFFERS']],
    [
      'everything wrong',
      { buyerId: idOf('somebody'), amountMinor: 1n, currency: 'IDR' },
      ['ANOTHER_BUYER', 'ANOTHER_CURRENCY', 'AMOUNT_TOO_LOW'],
    ],
  ] as [string, PaymentClaims | undefined, string[]][])('%s', (_, claims, reasons) => {
    expect(findSuspicions(freshOrder(), capture(claims))).toEqual(reasons);
  });

  test.each(['initiated', 'failed', 'cancelled', 'expired'] as const)(
    'a message that a payment was %s must name the buyer too, but no sum',
    (kind) => {
      const fact = { ...paymentFact(kind, 'p'), claims: { buyerId: idOf('somebody'), amountMinor: 1n } };
      expect(findSuspicions(freshOrder(), fact)).toEqual(['ANOTHER_BUYER']);
    },
  );
});

describe('a capture of another amount than the total', () => {
  test('more: the order succeeds, the difference is refunded, and only the total counts as revenue', () => {
    const order = freshOrder();
    expect(apply(order, { amountMinor: TOTAL + 100n })).toBe('applied');
    expect([order.status, order.capturedMinor]).toEqual([OrderStatus.SUCCEEDED, TOTAL + 100n]);
    expect(refundsOf(order)).toEqual([['OVERPAID', 100n]]);
    expect(order.newRevenue?.map(({ grossMinor, refundedMinor }) => [grossMinor, refundedMinor])).toEqual([
      [TOTAL, 0n],
    ]);
  });

  test('less: the order stays unpaid, and the payment is refunded', () => {
    const order = freshOrder();
    apply(order, { amountMinor: 1n });
    expect([order.status, order.capturedMinor]).toEqual([OrderStatus.PENDING_PAYMENT, 1n]);
    expect(refundsOf(order)).toEqual([['UNDERPAID', 1n]]);
    expect(attemptOf(order, 'p').capture).toBe('RETURNED');
  });

  test('less, on an order that has expired: nothing is delivered', () => {
    const order = freshOrder();
    tell(order, 'initiated', 'p', 1);
    tell(order, 'failed', 'p', 2);
    apply(order, { amountMinor: 1n });
    expect([order.status, attemptOf(order, 'p').capture]).toEqual([OrderStatus.FAILED, 'RETURNED']);
  });

  test('a second one of the right amount completes the order after the first was too small', () => {
    const order = freshOrder();
    apply(order, { amountMinor: 1n });
    expect(tell(order, 'succeeded', 'second', 2)).toBe('applied');
    expect([order.status, order.capturedMinor]).toEqual([OrderStatus.SUCCEEDED, TOTAL + 1n]);
  });

  test('whatever is captured: an order is paid by its total or not at all, and no money is kept beyond it', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 2n * TOTAL), { minLength: 1, maxLength: 6 }), (amounts) => {
        const order = freshOrder();
        const refunds: OrderRefund[] = [];
        amounts.forEach((amountMinor, n) => {
          const fact = { ...paymentFact('succeeded', `p${n}`, minutes(n)), claims: { amountMinor } };
          recordPayment(order, fact, minutes(n), TIMES);
          refunds.push(...(order.newRefunds ?? []));
          order.newRefunds = undefined;
        });
        const end = { actor: EventActor.PAYMENT_SERVICE, byId: null, succeeded: true, reference: null };
        for (const refund of refunds) settleRefund(order, refunds, refund, end, minutes(30));
        const isPaid = amounts.some((amount) => amount >= TOTAL);
        expect(order.status).toBe(isPaid ? OrderStatus.SUCCEEDED : OrderStatus.PENDING_PAYMENT);
        expect(order.capturedMinor).toBe(amounts.reduce((a, b) => a + b, 0n));
        expect(order.capturedMinor - order.refundedMinor).toBe(isPaid ? TOTAL : 0n);
      }),
    );
  });
});
