import { describe, expect, test } from '@jest/globals';
import {
  isClosedUnpaid,
  isPayable,
  OrderStatus,
  orderTransitions,
  validateTransitions,
} from '../../../src/entities/order-status.js';

describe('the transition table', () => {
  test('has the eight states and exactly these changes', () => {
    expect(orderTransitions).toEqual({
      CREATED: ['PENDING_PAYMENT', 'SUCCEEDED'],
      PENDING_PAYMENT: ['PROCESSING', 'SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED'],
      PROCESSING: ['SUCCEEDED', 'FAILED', 'CANCELLED', 'EXPIRED', 'PENDING_PAYMENT'],
      FAILED: ['PENDING_PAYMENT', 'SUCCEEDED'],
      CANCELLED: ['PENDING_PAYMENT', 'SUCCEEDED'],
      EXPIRED: ['PENDING_PAYMENT', 'SUCCEEDED'],
      SUCCEEDED: ['REFUNDED'],
      REFUNDED: [],
    });
  });

  test('a table with a state that cannot be reached is refused, by name', () => {
    const table = { NEW: ['OPEN'], OPEN: [], LOST: ['OPEN'] };
    expect(() => validateTransitions(table, 'NEW')).toThrow('state that cannot be reached: LOST');
  });

  test('a table that leads to an unknown state is refused, by name', () => {
    expect(() => validateTransitions({ NEW: ['NOWHERE'] }, 'NEW')).toThrow('transition to an unknown state: NOWHERE');
    expect(() => validateTransitions({}, 'NEW')).toThrow('transition to an unknown state: NEW');
  });

  test('every state is payable, closed unpaid, or neither', () => {
    const statuses = Object.values(OrderStatus);
    expect(statuses.filter(isPayable)).toEqual(['PENDING_PAYMENT', 'PROCESSING']);
    expect(statuses.filter(isClosedUnpaid)).toEqual(['FAILED', 'CANCELLED', 'EXPIRED']);
  });
});
