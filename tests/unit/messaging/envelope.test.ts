import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReceivedMessage } from '../../../src/messaging/bus/bus.js';
import {
  BadMessage,
  envelope,
  readCancelledSession,
  readEnrolment,
  readEnvelope,
  readPayment,
} from '../../../src/messaging/envelope.js';
import { Topic } from '../../../src/messaging/topics.js';
import { idOf } from '../../support/ids.js';
import { minutes, T0 } from '../../support/test-clock.js';

const ORDER = idOf('order');
const COURSE = idOf('course');
const NOW = minutes(3);

const message = (value: unknown): ReceivedMessage => ({
  topic: Topic.PAYMENT_SUCCEEDED,
  partition: 2,
  offset: '41',
  key: 'user',
  value: typeof value === 'string' ? value : JSON.stringify(value),
  headers: {},
});
const payment = (topic: string, payload: object, rest: object = { eventId: 'e1', timestamp: T0.getTime() }) =>
  readPayment(topic, readEnvelope(message({ ...rest, payload })), NOW);

describe('the envelope of others', () => {
  test('is read with its id and time', () => {
    expect(readEnvelope(message({ eventId: 'e1', timestamp: T0.getTime(), source: 'x', payload: { a: 1 } }))).toEqual({
      eventKey: 'e1',
      occurredAt: T0,
      payload: { a: 1 },
    });
  });

  test.each([
    ['missing', {}],
    ['null', { eventId: null, timestamp: null }],
    ['of another type', { eventId: 7, timestamp: 'yesterday' }],
    ['empty or a fraction', { eventId: '', timestamp: 1.5 }],
    ['text that cannot be stored', { eventId: 'a\u0000b' }],
    ['beyond all measure', { eventId: 'x'.repeat(501), timestamp: 1e300 }],
  ])('id and time that are %s: its place in the topic stands for it', (_, rest) => {
    expect(readEnvelope(message({ ...rest, payload: {} }))).toEqual({
      eventKey: '2:41',
      occurredAt: null,
      payload: {},
    });
  });

  test.each([
    ['no JSON', 'oops', 'is not JSON'],
    ['nothing', '', 'is not JSON'],
    ['null', 'null', 'message: '],
    ['a list', '[]', 'message: '],
    ['no payload', '{}', 'payload: '],
    ['a payload that is text', '{"payload":"x"}', 'payload: '],
  ])('%s is refused with the reason', (_, value, reason) => {
    expect(() => readEnvelope(message(value))).toThrow(BadMessage);
    expect(() => readEnvelope(message(value))).toThrow(reason);
  });
});

describe('news of a payment', () => {
  const full = {
    orderId: ORDER,
    paymentId: 'p1',
    provider: 'stripe',
    providerOrderId: 'cs_1',
    paymentStatus: 'success',
  };

  test.each([
    [Topic.PAYMENT_INITIATED, 'initiated'],
    [Topic.PAYMENT_SUCCEEDED, 'succeeded'],
    [Topic.PAYMENT_FAILED, 'failed'],
    [Topic.PAYMENT_TIMEOUT, 'expired'],
  ])('%s means %s', (topic, kind) => {
    expect(payment(topic, full)).toEqual({
      orderId: ORDER,
      fact: { kind, paymentId: 'p1', provider: 'STRIPE', providerOrderId: 'cs_1', occurredAt: T0 },
    });
  });

  test('an abandoned payment comes on the failed topic with its own status', () => {
    expect(payment(Topic.PAYMENT_FAILED, { ...full, paymentStatus: 'cancelled' }).fact.kind).toBe('cancelled');
    expect(payment(Topic.PAYMENT_SUCCEEDED, { ...full, paymentStatus: 'cancelled' }).fact.kind).toBe('succeeded');
  });

  test('everything may be missing but order and payment', () => {
    expect(payment(Topic.PAYMENT_FAILED, { orderId: ORDER, paymentId: 'p1' }, {})).toEqual({
      orderId: ORDER,
      fact: { kind: 'failed', paymentId: 'p1', provider: null, providerOrderId: null, occurredAt: NOW },
    });
  });

  test.each([
    ['an unknown provider', { provider: 'applepay' }, null, 'cs_1'],
    ['a provider that is a number', { provider: 3 }, null, 'cs_1'],
    ['null everywhere', { provider: null, providerOrderId: null, paymentStatus: null }, null, null],
    ['a providerOrderId that cannot be stored', { providerOrderId: '\u0000' }, 'STRIPE', null],
    ['an empty providerOrderId', { providerOrderId: '' }, 'STRIPE', null],
  ])('%s is as good as none', (_, changes, provider, providerOrderId) => {
    expect(payment(Topic.PAYMENT_INITIATED, { ...full, ...changes }).fact).toMatchObject({ provider, providerOrderId });
  });

  test('an order id in upper case is the same order', () => {
    expect(payment(Topic.PAYMENT_FAILED, { ...full, orderId: ORDER.toUpperCase() }).orderId).toBe(ORDER);
  });

  test.each([
    ['no order', { orderId: undefined }, 'orderId'],
    ['an order id that is none', { orderId: '42' }, 'orderId: is not a UUID'],
    ['no payment', { paymentId: undefined }, 'paymentId'],
    ['an empty payment id', { paymentId: '' }, 'paymentId'],
    ['a payment id that cannot be stored', { paymentId: 'a\u0000b' }, 'paymentId: holds a NUL'],
    ['a payment id without end', { paymentId: 'p'.repeat(501) }, 'paymentId'],
  ])('%s is refused with the reason', (_, changes, reason) => {
    expect(() => payment(Topic.PAYMENT_FAILED, { ...full, ...changes })).toThrow(BadMessage);
    expect(() => payment(Topic.PAYMENT_FAILED, { ...full, ...changes })).toThrow(reason);
  });

  test('another topic is none of a payment', () => {
    expect(() => payment('order.course.created.v1', full)).toThrow('no payment topic: order.course.created.v1');
  });
});

describe('a confirmation of enrolment', () => {
  const enrolment = (payload: object, rest: object = {}) =>
    readEnrolment(readEnvelope(message({ ...rest, payload })), NOW);

  test.each([
    ['its own time', { enrolledAt: T0.toISOString() }, { timestamp: 5 }, T0],
    ['else the envelope’s', {}, { timestamp: T0.getTime() }, T0],
    ['else now', {}, {}, NOW],
    ['now for a time that is none', { enrolledAt: 'soon' }, {}, NOW],
  ])('has %s', (_, payload, rest, enrolledAt) => {
    expect(enrolment({ orderId: ORDER, courseId: COURSE.toUpperCase(), ...payload }, rest)).toEqual({
      orderId: ORDER,
      courseId: COURSE,
      enrolledAt,
    });
  });

  test('needs order and course', () => {
    expect(() => enrolment({ orderId: ORDER })).toThrow('courseId');
    expect(() => enrolment({ courseId: COURSE })).toThrow('orderId');
  });
});

test('garbage of any kind is either understood or refused as a bad message, never another error', () => {
  const garbage = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ payload: fc.jsonValue() }).map((one) => JSON.stringify(one)),
  );
  fc.assert(
    fc.property(garbage, fc.constantFrom(...Object.values(Topic)), (value, topic) => {
      try {
        readPayment(topic, readEnvelope(message(value)), NOW);
      } catch (error) {
        expect(error).toBeInstanceOf(BadMessage);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('our own envelope: integers, the platform’s fields, a correlation id only where there is one', () => {
  const text = envelope('e1', 'CourseOrderCreated', T0, null, { a: 1 });
  expect(JSON.parse(text)).toEqual({
    eventId: 'e1',
    eventType: 'CourseOrderCreated',
    timestamp: T0.getTime(),
    eventVersion: '0.0.1',
    source: 'order-service',
    payload: { a: 1 },
  });
  expect(JSON.parse(envelope('e1', 'X', T0, 'c1', {}))).toMatchObject({ correlationId: 'c1' });
});

describe('a cancelled session', () => {
  const read = (payload: object) => readCancelledSession(readEnvelope(message({ eventId: 'e1', payload })));

  test('is known by its id, whatever else is said', () => {
    expect(read({ sessionId: COURSE.toUpperCase(), cancelledAt: 'yesterday' })).toEqual({ sessionId: COURSE });
  });

  test.each([{}, { sessionId: 'x' }, { sessionId: null }])('that cannot be told: %j', (payload) => {
    expect(() => read(payload)).toThrow(BadMessage);
  });
});
