import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { consumedTopics } from '../../../src/messaging/topics.js';

/** A message as kafkajs sends it, with its topic. */
export interface HostileMessage extends Message {
  readonly topic: string;
}

/** Text with every kind of unit: halves of pairs, NUL, marks, and ordinary letters. */
const text = fc.oneof(
  fc.constantFrom('\ud800', 'a\udc00', 'evt-\ud83d-1', 'a\u0000b', '', '\ufeff', '💸'.repeat(20), 'x'.repeat(2_000)),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), maxLength: 8 }),
);
const number = fc.constantFrom(
  0,
  -1,
  -0,
  1,
  1.5,
  2 ** 31,
  2 ** 53,
  9_007_199_254_740_992,
  -5,
  1e308,
  8.64e15,
  8.64e15 + 1,
);
const time = fc.constantFrom('+275760-09-13T00:00:00.000Z', '-271821-04-20T00:00:00.000Z', '9999-99-99', 'yesterday');
const odd = fc.oneof(text, number, time, fc.jsonValue(), fc.constant(null));

/** Bytes that are no text, and text that is no JSON. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 50 }).map((part) => Buffer.from(part)),
  fc.constantFrom(Buffer.from([0xff, 0xfe, 0x7b]), Buffer.from('{"eventId":"\xff"}', 'latin1'), Buffer.alloc(0)),
  text.map((part) => Buffer.from(part)),
);

/**
 * Messages that no service should send, on every topic that is consumed: broken ones, and ones about orders that exist
 * which disagree with them. None may change an order.
 * @param knownOrders ids of orders that exist at the time of the call
 */
export function hostileMessages(knownOrders: () => readonly string[]): fc.Arbitrary<HostileMessage> {
  const foreign = fc.nat().map((n) => {
    const orders = knownOrders();
    return orders[n % Math.max(1, orders.length)] ?? '00000000-0000-4000-8000-000000000000';
  });
  // A user, a currency or an amount that is not the order's: whatever else is true, it must not be applied.
  const disagreeing = fc
    .record({
      orderId: foreign,
      paymentId: fc.uuid(),
      disagreement: fc.constantFrom<object>({ userId: 'nobody' }, { currency: 'IDR' }, { amount: 1, currency: 'IDR' }),
      paymentStatus: fc.constantFrom('success', 'failed', 'cancelled', 'expired', 'pending'),
    })
    .map(({ disagreement, ...rest }) => ({ ...rest, ...disagreement }));
  const broken = fc.record(
    {
      orderId: fc.oneof(odd, fc.uuid()),
      paymentId: odd,
      refundId: odd,
      amount: odd,
      currency: odd,
      provider: odd,
      providerOrderId: odd,
      paymentStatus: odd,
      courseId: odd,
      enrolledAt: odd,
      sessionId: odd,
      userId: odd,
    },
    { requiredKeys: [] },
  );
  const payload = (topic: string) => (topic.startsWith('payment.order.') ? fc.oneof(broken, disagreeing) : broken);
  const envelope = (topic: string) =>
    fc
      .record({ eventId: fc.oneof(odd, fc.uuid()), timestamp: odd, payload: fc.oneof(payload(topic), odd) })
      .map((value) => Buffer.from(JSON.stringify(value)));
  const headers = fc.dictionary(
    fc.constantFrom('x-correlation-id', 'traceparent', 'x'),
    fc.oneof(
      bytes,
      text.map((part) => Buffer.from(part)),
    ),
  );
  return fc.constantFrom(...consumedTopics).chain((topic) =>
    fc.record({
      topic: fc.constant(topic),
      key: fc.option(fc.oneof(bytes, fc.constant(Buffer.from('a user')))),
      value: fc.oneof({ arbitrary: envelope(topic), weight: 5 }, { arbitrary: bytes, weight: 1 }, fc.constant(null)),
      headers,
    }),
  );
}
