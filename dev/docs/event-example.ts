import type { JsonSchema } from './event-schemas.js';

const ID = '0c9d7b2e-5a0f-4c1e-9b57-2f6f0a3d8e41';

/** What stands for a field in the example of a message, by its name. */
const VALUES: Readonly<Record<string, unknown>> = {
  eventId: '5f0c4a52-7d3e-4b0a-8f7e-9d3a1c2b4e60',
  timestamp: 1_795_640_400_000,
  correlationId: 'a2f1c0de-0001',
  orderId: ID,
  userId: '6513270e-269e-4d37-b2a7-4de452e6b438',
  courseId: '8d116ece-1738-47d9-bd9c-172411e20b8f',
  instructorId: '7b7e1f6c-3f0a-4a53-9a50-2d6c2f5a9b11',
  sessionId: '923a7369-94e3-4f91-9a61-dbe22e44158b',
  bookingId: 'b7a1e3f2-6c3d-4d21-9a4b-51c0f8e2d7aa',
  refundId: 'd41f6f0e-2c49-4f53-8a0c-7e1b9c3a5f20',
  paymentId: 'pay_8f3a',
  subtotal: 99_900,
  discount: 50_000,
  couponDiscount: 0,
  tax: 7_612,
  total: 49_900,
  amount: 49_900,
  price: 49_900,
  currency: 'INR',
  orderVersion: 5,
  bookingVersion: 2,
  reason: 'REQUESTED_BY_BUYER',
  to: 'asha@example.com',
  subject: 'Your receipt',
  body: '<p>Thank you.</p>',
  title: 'Your receipt',
  message: 'Thank you.',
  actionUrl: `/orders/${ID}`,
  icon: 'receipt',
  appId: 'edulearn',
  originalTopic: 'payment.order.succeeded.v1',
  originalPartition: 0,
  originalOffset: '42',
  originalKey: ID,
  originalHeaders: {},
  originalMessage: '{"payload":{}}',
  error: 'payload.orderId is missing',
  attempts: 1,
  provider: 'stripe',
  providerOrderId: 'cs_test_1',
  paymentStatus: 'success',
  enrolledAt: '2026-11-26T09:00:00.000Z',
};

/** A message that fits a schema, with every field that is needed and those that are named. */
export function exampleOf(schema: JsonSchema, name: string, also: ReadonlySet<string> = new Set()): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'array' && schema.items) return [exampleOf(schema.items, name, also)];
  if (schema.format === 'date-time') return '2026-11-26T09:00:00.000Z';
  if (!schema.properties) return valueOf(name);
  const fields = Object.entries(schema.properties).filter(
    ([field]) => (schema.required?.includes(field) ?? false) || also.has(field),
  );
  return Object.fromEntries(fields.map(([field, part]) => [field, exampleOf(part, field, also)]));
}

function valueOf(name: string): unknown {
  if (!(name in VALUES)) throw new Error(`dev/docs/event-example.ts has no value for ${name}`);
  return VALUES[name];
}
