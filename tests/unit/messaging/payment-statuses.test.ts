import { describe, expect, test } from '@jest/globals';
import type { ReceivedMessage } from '../../../src/messaging/bus/bus.js';
import { BadMessage, readEnvelope, readPayment, readRefund } from '../../../src/messaging/envelope.js';
import { Topic } from '../../../src/messaging/topics.js';
import { idOf } from '../../support/ids.js';
import { T0 } from '../../support/test-clock.js';

const message = (topic: string, payload: object): ReceivedMessage => ({
  ...{ topic, partition: 0, offset: '1', key: 'a user', headers: {} },
  value: JSON.stringify({ eventId: 'e', payload: { orderId: idOf('order'), paymentId: 'p', ...payload } }),
});
const capture = (paymentStatus: unknown) =>
  readPayment(
    Topic.PAYMENT_SUCCEEDED,
    readEnvelope(message(Topic.PAYMENT_SUCCEEDED, { ...(paymentStatus === undefined ? {} : { paymentStatus }) })),
    T0,
  ).fact;
const refund = (payload: object) => readRefund(readEnvelope(message(Topic.PAYMENT_REFUNDED, payload)));

describe('given a message that money was captured', () => {
  test.each([undefined, null, '', 'success', 'SUCCEEDED', ' captured ', 'completed', 'paid', 'pending', 'Resolved'])(
    'when its status is %j, then it is one',
    (status) => expect(capture(status).claims).toBeUndefined(),
  );

  test.each([
    'processing',
    'refunded',
    'initiated',
    'unpaid',
    'payment_failed',
    'failed',
    'expired',
    'x',
    'constructor',
  ])('when its status is %j, then that is kept against it', (status) =>
    expect(capture(status)).toMatchObject({ kind: 'succeeded', claims: { contradictingStatus: status } }),
  );

  test.each([5, true, { a: 1 }, ['success']])('when its status is %j, then that is kept against it', (status) =>
    expect(capture(status).claims?.contradictingStatus).toBe(typeof status),
  );
});

test.each([
  ['cancelled', 'cancelled'],
  [' CANCELED', 'cancelled'],
  ['failed', 'failed'],
  [undefined, 'failed'],
  [7, 'failed'],
])('given a message that a payment failed, when its status is %j, then it has %s', (paymentStatus, kind) => {
  const incoming = readEnvelope(message(Topic.PAYMENT_FAILED, { paymentStatus }));
  expect(readPayment(Topic.PAYMENT_FAILED, incoming, T0).fact.kind).toBe(kind);
});

describe('given a message that a refund has ended', () => {
  test.each([
    [{}, true],
    [{ paymentStatus: null }, true],
    [{ paymentStatus: '' }, true],
    [{ paymentStatus: 'refunded' }, true],
    [{ paymentStatus: ' Refunded ' }, true],
    [{ paymentStatus: 'failed' }, false],
    [{ paymentStatus: 'FAILED ' }, false],
  ])('when it says %j, then whether money went back is %j', (payload, succeeded) => {
    expect(refund(payload).succeeded).toBe(succeeded);
  });

  test.each(['pending', 'declined', 'cancelled', 'processing', 'x', 'toString', 5, {}])(
    'when its status is %j, then it is a dead letter: an absent one means that all the money went back',
    (paymentStatus) => expect(() => refund({ paymentStatus })).toThrow(BadMessage),
  );
});
