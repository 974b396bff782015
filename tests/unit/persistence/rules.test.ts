import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isConflict, isConnectionError, isDataError, violatedConstraint } from '../../../src/persistence/errors.js';
import { requestHash } from '../../../src/persistence/idempotency.js';
import { SHARDS, shardOf } from '../../../src/persistence/outbox-message.js';
import { idOf } from '../../support/ids.js';

const error = (code: string, constraint?: string) => Object.assign(new Error(code), { code, constraint });

describe('what a database error means', () => {
  test.each([
    [
      'an order was changed first',
      error('23505', 'order_events_version'),
      { conflict: true, connection: false, data: true },
    ],
    [
      'the same payment was seen first',
      error('23505', 'payment_attempts_payment_id_key'),
      { conflict: true, connection: false, data: true },
    ],
    [
      'the messages of the same version are there',
      error('23505', 'outbox_pkey'),
      { conflict: true, connection: false, data: true },
    ],
    ['another constraint', error('23505', 'order_claims_pkey'), { conflict: false, connection: false, data: true }],
    ['a deadlock', error('40P01'), { conflict: true, connection: false, data: true }],
    ['a lock that was not free in time', error('55P03'), { conflict: true, connection: false, data: false }],
    ['text that PostgreSQL does not take', error('22021'), { conflict: false, connection: false, data: true }],
    ['a server that goes down', error('57P01'), { conflict: false, connection: true, data: false }],
    ['no connection left', error('53300'), { conflict: false, connection: true, data: false }],
    ['a broken connection', error('08006'), { conflict: false, connection: true, data: false }],
    ['a refused connection', error('ECONNREFUSED'), { conflict: false, connection: true, data: false }],
    [
      'a socket that closed',
      new Error('Connection terminated unexpectedly'),
      { conflict: false, connection: true, data: false },
    ],
    ['a statement that is wrong', error('42601'), { conflict: false, connection: false, data: false }],
    ['a defect of ours', new TypeError('x is undefined'), { conflict: false, connection: false, data: false }],
  ])('%s', (_, cause, expected) => {
    const found = { conflict: isConflict(cause), connection: isConnectionError(cause), data: isDataError(cause) };
    expect(found).toEqual(expected);
  });

  test('a violated constraint has a name', () => {
    expect(violatedConstraint(error('23505', 'orders_number_key'))).toBe('orders_number_key');
    expect(violatedConstraint(error('23514', 'orders_check'))).toBeUndefined();
    expect(violatedConstraint(new Error('no'))).toBeUndefined();
  });
});

describe('the hash of a request', () => {
  test('does not depend on the order of its fields, but on every value', () => {
    const hash = requestHash({ courseIds: ['a', 'b'], couponCode: null });
    expect(requestHash({ couponCode: null, courseIds: ['a', 'b'] })).toBe(hash);
    const others = [
      { courseIds: ['b', 'a'], couponCode: null },
      { courseIds: ['a', 'b'], couponCode: '' },
      { courseIds: ['a', 'b'] },
    ];
    expect(new Set([hash, ...others.map(requestHash)]).size).toBe(4);
  });
});

describe('shards of the outbox', () => {
  test('an aggregate is always in the same one, and ids spread over all', () => {
    fc.assert(fc.property(fc.uuid(), (id) => shardOf(id) === shardOf(id) && shardOf(id) >= 0 && shardOf(id) < SHARDS));
    const used = new Set(Array.from({ length: 200 }, (_, n) => shardOf(idOf(`order ${n}`))));
    expect(used.size).toBe(SHARDS);
  });
});
