import { describe, expect, test } from '@jest/globals';
import { FulfilmentStatus, RefundStatus } from '../../../src/entities/enums.js';
import { OrderStatus } from '../../../src/entities/order-status.js';
import { PaymentStep, RefundStep } from '../../../src/entities/saga-steps.js';
import { NeighbourDown } from '../../../src/platform/neighbours.js';
import { decidePaymentStep } from '../../../src/saga/payment.js';
import { decidePurchase } from '../../../src/saga/purchase.js';
import { decideRefund } from '../../../src/saga/refund.js';
import { afterFailure } from '../../../src/saga/saga-step.js';
import { T0 } from '../../support/test-clock.js';

const WAITS = [60, 300, 900];
const paid = (looks: number, fulfilment = FulfilmentStatus.IN_PROGRESS) =>
  decidePurchase({ status: OrderStatus.SUCCEEDED, fulfilment, looks }, WAITS);

describe('the purchase saga', () => {
  test('waits first, announces again as often as there are waits, then gives up', () => {
    expect([0, 1, 2, 3, 4, 5].map((looks) => paid(looks))).toEqual([
      { do: 'wait', waitMs: 60 },
      { do: 'announceAgain', waitMs: 300 },
      { do: 'announceAgain', waitMs: 900 },
      { do: 'announceAgain', waitMs: 900 },
      { do: 'giveUp', waitMs: 900 },
      { do: 'giveUp', waitMs: 900 },
    ]);
  });

  test.each([FulfilmentStatus.FULFILLED, FulfilmentStatus.REVOKED])(
    'has nothing to do for an order that is %s',
    (done) => {
      expect(paid(0, done)).toEqual({ do: 'finish' });
      expect(paid(9, done)).toEqual({ do: 'finish' });
    },
  );

  test('looks again at what was stuck', () => {
    expect(paid(1, FulfilmentStatus.STUCK)).toEqual({ do: 'announceAgain', waitMs: 300 });
  });

  test.each(Object.values(OrderStatus).filter((status) => status !== OrderStatus.SUCCEEDED))(
    'announces nothing for an order that is %s',
    (status) => {
      const facts = { status, fulfilment: FulfilmentStatus.IN_PROGRESS, looks: 1 };
      expect(decidePurchase(facts, WAITS)).toEqual({ do: 'finish' });
    },
  );
});

describe('the payment saga', () => {
  const decide = (step: string, state: string, live: boolean, awaitedMs: number | null = null) =>
    decidePaymentStep(step, { state, live, awaitedMs });

  test.each([
    [PaymentStep.START, 'INTENT', true, 'repeatCall'],
    [PaymentStep.START, 'INTENT', false, 'finish'],
    [PaymentStep.START, 'PENDING', true, 'finish'],
    [PaymentStep.START, 'FAILED', false, 'finish'],
    [PaymentStep.START, 'SUCCEEDED', false, 'finish'],
    [PaymentStep.CANCEL, 'PENDING', true, 'cancel'],
    [PaymentStep.CANCEL, 'PENDING', false, 'cancel'],
    [PaymentStep.CANCEL, 'CANCELLED', false, 'finish'],
    [PaymentStep.CANCEL, 'SUCCEEDED', false, 'finish'],
    [PaymentStep.DECIDE_LATE_MONEY, 'SUCCEEDED', false, 'decideLateMoney'],
    ['A_STEP_OF_A_LATER_RELEASE', 'PENDING', true, 'finish'],
  ])('%s of an attempt that is %s (live: %s): %s', (step, state, live, decision) => {
    expect(decide(step, state, live)).toBe(decision);
  });

  test('asks for the result of a finished payment for an hour, then a last time: an operator is needed', () => {
    const ask = (minutes: number) => decide(PaymentStep.ASK_RESULT, 'PENDING', true, minutes * 60_000);
    expect([ask(1), ask(59.9), ask(60)]).toEqual(['askResult', 'askResult', 'askLastTime']);
    expect(decide(PaymentStep.ASK_RESULT, 'EXPIRED', false, 61 * 60_000)).toBe('askLastTime');
    expect(decide(PaymentStep.ASK_RESULT, 'SUCCEEDED', false, 60_000)).toBe('finish');
    expect(decide(PaymentStep.ASK_RESULT, 'PENDING', true, null)).toBe('finish');
  });

  test('an attempt that is gone needs no call', () => {
    expect(decidePaymentStep(PaymentStep.START, undefined)).toBe('finish');
    expect(decidePaymentStep(PaymentStep.CANCEL, undefined)).toBe('finish');
  });
});

describe('the refund saga', () => {
  const { ASK, AWAIT_SETTLEMENT, RETURN_FAILED } = RefundStep;

  test.each([
    [AWAIT_SETTLEMENT, RefundStatus.APPROVED, 0, 'wait'],
    [AWAIT_SETTLEMENT, RefundStatus.APPROVED, 1, 'stick'],
    [ASK, RefundStatus.APPROVED, 0, 'ask'],
    [ASK, RefundStatus.APPROVED, 3, 'ask'],
    [RETURN_FAILED, RefundStatus.FAILED, 0, 'stick'],
    [ASK, RefundStatus.FAILED, 0, 'approveAgain'],
    [AWAIT_SETTLEMENT, RefundStatus.FAILED, 1, 'finish'],
    [AWAIT_SETTLEMENT, RefundStatus.SUCCEEDED, 1, 'finish'],
    [ASK, RefundStatus.REJECTED, 0, 'finish'],
    [ASK, undefined, 0, 'finish'],
  ])('at %s of a refund that is %s, after %i looks: %s', (step, status, looks, decision) => {
    expect(decideRefund(step, status, looks).do).toBe(decision);
  });
});

describe('a step that fails', () => {
  const waitAfter = (failures: number, error: Error = new Error('no answer')) => {
    const next = afterFailure(failures, error, T0);
    return next.do === 'wait' ? (next.until.getTime() - T0.getTime()) / 1_000 : next;
  };

  test('is tried again after 1, 2, 4 … seconds, at most 5 minutes', () => {
    const waits = Array.from({ length: 11 }, (_, failures) => waitAfter(failures));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  test('is stuck with its reason after twenty failures in a row', () => {
    expect(waitAfter(18)).toBe(300);
    expect(waitAfter(19)).toEqual({ do: 'stick', because: 'no answer' });
  });

  test('goes on for a day while a neighbour is down', () => {
    const down = new NeighbourDown('course');
    const seconds = Array.from({ length: 299 }, (_, failures) => waitAfter(failures, down) as number);
    expect(seconds.reduce((sum, wait) => sum + wait) / 3_600).toBeCloseTo(24.3, 1);
    expect(waitAfter(299, down)).toEqual({ do: 'stick', because: 'the course service does not answer' });
  });
});
