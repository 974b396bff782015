import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { diagramOf, sagaDiagramOf } from '../../../dev/docs/state-machines.js';
import { bookingTransitions } from '../../../src/entities/booking-status.js';
import { RefundStatus } from '../../../src/entities/enums.js';
import { OrderRefund, refundTransitions } from '../../../src/entities/order-refund.js';
import { IllegalTransition } from '../../../src/entities/order.js';
import { mayLeadTo } from '../../../src/entities/saga-steps.js';
import { SagaKind } from '../../../src/entities/saga.js';
import { knowEntities } from '../../support/orders.js';

beforeAll(knowEntities);

/** "PENDING --> CONFIRMED" of a diagram, without what is written at the arrow. */
const arrowsOf = (text: string) => [...text.matchAll(/^ +(\S+ --> [^\s:]+)/gm)].map(([, arrow]) => arrow);

describe('a drawn state machine', () => {
  test('has every change of its table, its start and its ends', () => {
    expect(arrowsOf(diagramOf({ NEW: ['OPEN', 'DONE'], OPEN: ['DONE'], DONE: [] }, 'NEW'))).toEqual([
      '[*] --> NEW',
      'NEW --> OPEN',
      'NEW --> DONE',
      'OPEN --> DONE',
      'DONE --> [*]',
    ]);
  });

  test('of a saga may get stuck at every step, and goes on as retrySaga lets it', () => {
    expect(arrowsOf(sagaDiagramOf(SagaKind.REFUND))).toEqual([
      '[*] --> ASK',
      'ASK --> AWAIT_SETTLEMENT',
      'ASK --> [*]',
      'ASK --> STUCK',
      '[*] --> AWAIT_SETTLEMENT',
      'AWAIT_SETTLEMENT --> [*]',
      'AWAIT_SETTLEMENT --> STUCK',
      '[*] --> RETURN_FAILED',
      'RETURN_FAILED --> [*]',
      'RETURN_FAILED --> STUCK',
      'STUCK --> ASK',
    ]);
  });

  test('by hand in docs/sessions.md is that of the code', () => {
    const drawn = arrowsOf(readFileSync('docs/sessions.md', 'utf8')).filter((arrow) => !arrow?.includes('[*]'));
    const allowed = Object.entries(bookingTransitions).flatMap(([from, all]) => all.map((to) => `${from} --> ${to}`));
    expect(drawn.sort()).toEqual(allowed.sort());
  });
});

describe('what a drawn table does not have', () => {
  test.each(Object.values(RefundStatus))('is refused to a refund that is %s', (status) => {
    for (const to of Object.values(RefundStatus)) {
      const refund = Object.assign(new OrderRefund(), { id: 'a refund', status });
      const move = () => refund.moveTo(to);
      if (refundTransitions[status].includes(to)) expect(move).not.toThrow();
      else expect(move).toThrow(IllegalTransition);
    }
  });

  test('is refused to a saga', () => {
    expect(mayLeadTo(SagaKind.REFUND, 'ASK', 'ASK')).toBe(true);
    expect(mayLeadTo(SagaKind.REFUND, 'ASK', 'AWAIT_SETTLEMENT')).toBe(true);
    expect(mayLeadTo(SagaKind.REFUND, 'AWAIT_SETTLEMENT', 'ASK')).toBe(false);
    expect(mayLeadTo(SagaKind.PURCHASE, 'AWAIT_ENROLMENT', 'ASK')).toBe(false);
  });
});
