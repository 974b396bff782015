import { describe, expect, test } from '@jest/globals';
import { OrderStatus } from '../../../src/entities/order-status.js';
import {
  decidePayment,
  type PaymentDecision,
  type PaymentFactKind,
  type PaymentSituation,
} from '../../../src/entities/payment-decision.js';

/*
 * The decision table as it was decided, written down by hand. Cells: the status after and what else happens.
 *   keep       the order stays as it is             C       cancel this attempt at the payment service
 *   C older    cancel every live attempt but the newest
 *   E          complete: the order is paid by this attempt
 *   L          late money: a saga decides           S       surplus: give this capture back
 *   T          time left: pending_payment, else expired
 *   °          an old attempt never fails a restored order: see OLD
 */
const LATE = ['keep, C', 'keep, C', 'L', 'S', 'keep', 'keep', 'keep', 'keep', 'keep', 'keep'];
const NEVER = ['keep, C', 'keep, C', 'S', 'S', 'keep', 'keep', 'keep', 'keep', 'keep', 'keep'];
const COLUMNS = [
  'initiated, first',
  'initiated, other',
  'succeeded, first capture',
  'succeeded, further',
  'failed, live left',
  'failed, none',
  'cancelled, live left',
  'cancelled, none',
  'expired, live left',
  'expired, none',
];
const PENDING = ['processing', 'processing, C older', 'E', 'S', 'keep', 'failed °', 'keep', 'failed °', 'keep', 'T'];
const TABLE: Readonly<Record<OrderStatus, readonly string[]>> = {
  CREATED: PENDING,
  PENDING_PAYMENT: PENDING,
  PROCESSING: ['keep', 'keep, C older', 'E', 'S', 'keep', 'failed °', 'keep', 'failed °', 'keep', 'T'],
  SUCCEEDED: NEVER,
  FAILED: LATE,
  CANCELLED: LATE,
  EXPIRED: LATE,
  REFUNDED: NEVER,
};
/** What ° means: a payable order keeps, one in processing goes by T. */
const OLD: Partial<Record<OrderStatus, string>> = { CREATED: 'keep', PENDING_PAYMENT: 'keep', PROCESSING: 'T' };

/** What a cell means in one situation, in words that do not depend on how decisions are named. */
function expected(status: OrderStatus, fact: PaymentFactKind, situation: PaymentSituation): string {
  const second =
    (fact === 'initiated' && !situation.onlyAttempt) ||
    (fact === 'succeeded' && !situation.firstCapture) ||
    (fact !== 'initiated' && fact !== 'succeeded' && !situation.liveLeft);
  const column = COLUMNS.findIndex((name) => name.startsWith(fact)) + (second ? 1 : 0);
  let cell = TABLE[status][column] ?? 'missing';
  if (cell.endsWith(' °')) cell = situation.oldAttempt ? (OLD[status] ?? 'missing') : cell.slice(0, -2);
  if (cell === 'E' && !situation.seatHeld) cell = 'cancelled, S';
  if (cell === 'T') cell = situation.timeLeft ? 'pending_payment' : 'expired';
  return cell;
}

/** A decision in the words of the table. A payment under way leaves an order in processing as it is. */
function inWords(decision: PaymentDecision, status: OrderStatus): string {
  switch (decision.do) {
    case 'keep':
      return 'keep';
    case 'process':
      return (status === OrderStatus.PROCESSING ? 'keep' : 'processing') + (decision.cancelOlder ? ', C older' : '');
    case 'cancelAttempt':
      return 'keep, C';
    case 'complete':
      return 'E';
    case 'seatGone':
      return 'cancelled, S';
    case 'decideLater':
      return 'L';
    case 'giveBack':
      return 'S';
    case 'fail':
      return 'failed';
    case 'backToPayable':
      return 'pending_payment';
    case 'expire':
      return 'expired';
  }
}

const yesNo = [true, false];
const situations: readonly PaymentSituation[] = yesNo.flatMap((onlyAttempt) =>
  yesNo.flatMap((firstCapture) =>
    yesNo.flatMap((liveLeft) =>
      yesNo.flatMap((oldAttempt) =>
        yesNo.flatMap((timeLeft) =>
          yesNo.map((seatHeld) => ({ onlyAttempt, firstCapture, liveLeft, oldAttempt, timeLeft, seatHeld })),
        ),
      ),
    ),
  ),
);
const facts: readonly PaymentFactKind[] = ['initiated', 'succeeded', 'failed', 'cancelled', 'expired'];

describe('the decision table of payment events', () => {
  test.each(Object.values(OrderStatus))('%s: every fact in every situation', (status) => {
    let decided = 0;
    for (const fact of facts) {
      for (const situation of situations) {
        const decision = inWords(decidePayment(status, fact, situation), status);
        expect({ fact, situation, decision }).toEqual({ fact, situation, decision: expected(status, fact, situation) });
        decided += 1;
      }
    }
    expect(decided).toBe(5 * 64);
  });

  test('every cell of the table is reached', () => {
    const reached = new Set(
      Object.values(OrderStatus).flatMap((status) =>
        facts.flatMap((fact) => situations.map((situation) => expected(status, fact, situation))),
      ),
    );
    const all = ['processing', 'processing, C older', 'keep', 'keep, C', 'keep, C older', 'E', 'S', 'L'];
    expect([...reached].sort()).toEqual([...all, 'cancelled, S', 'failed', 'pending_payment', 'expired'].sort());
  });
});
